-- modify "apikey" table
ALTER TABLE "apikey" DROP COLUMN "lastUsedAt";
-- create index "apikey_lastRequest_id" to table: "apikey"
CREATE INDEX "apikey_lastRequest_id" ON "apikey" ("lastRequest", "id");
