-- drop index "apikey_lastUsedAt_id" from table: "apikey"
DROP INDEX `apikey_lastUsedAt_id`;
-- drop column "lastUsedAt" from table: "apikey"
ALTER TABLE `apikey` DROP COLUMN `lastUsedAt`;
-- create index "apikey_lastRequest_id" to table: "apikey"
CREATE INDEX `apikey_lastRequest_id` ON `apikey` (`lastRequest`, `id`);
