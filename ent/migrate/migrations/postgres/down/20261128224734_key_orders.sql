-- drop index "apikey_expiresAt_id" from table: "apikey"
DROP INDEX "apikey_expiresAt_id";
-- drop index "apikey_name_id" from table: "apikey"
DROP INDEX "apikey_name_id";
-- create index "apikey_expiresAt" to table: "apikey"
CREATE INDEX "apikey_expiresAt" ON "apikey" ("expiresAt");
