-- Drop index "apikey_expiresAt" from table: "apikey"
DROP INDEX `apikey_expiresAt`;
-- Create index "apikey_name_id" to table: "apikey"
CREATE INDEX `apikey_name_id` ON `apikey` (`name`, `id`);
-- Create index "apikey_expiresAt_id" to table: "apikey"
CREATE INDEX `apikey_expiresAt_id` ON `apikey` (`expiresAt`, `id`);
