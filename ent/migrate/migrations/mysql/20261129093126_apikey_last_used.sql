-- Modify "apikey" table
ALTER TABLE `apikey` ADD COLUMN `lastUsedAt` datetime(3) NULL, DROP INDEX `apikey_lastRequest_id`, ADD INDEX `apikey_lastUsedAt_id` (`lastUsedAt`, `id`);
-- Until now the last request said it
UPDATE `apikey` SET `lastUsedAt` = `lastRequest`;
