-- Modify "apikey" table
ALTER TABLE `apikey` DROP INDEX `apikey_expiresAt`, ADD INDEX `apikey_expiresAt_id` (`expiresAt`, `id`), ADD INDEX `apikey_name_id` (`name`, `id`);
