-- modify "apikey" table
ALTER TABLE `apikey` DROP COLUMN `lastUsedAt`, DROP INDEX `apikey_lastUsedAt_id`, ADD INDEX `apikey_lastRequest_id` (`lastRequest`, `id`);
