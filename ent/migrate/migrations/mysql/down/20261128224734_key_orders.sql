-- modify "apikey" table
ALTER TABLE `apikey` DROP INDEX `apikey_expiresAt_id`, DROP INDEX `apikey_name_id`, ADD INDEX `apikey_expiresAt` (`expiresAt`);
