-- Drop index "apikey_lastRequest_id" from table: "apikey"
DROP INDEX "apikey_lastRequest_id";
-- Modify "apikey" table
ALTER TABLE "apikey" ADD COLUMN "lastUsedAt" timestamptz NULL;
-- Until now the last request said it
UPDATE "apikey" SET "lastUsedAt" = "lastRequest";
-- Create index "apikey_lastUsedAt_id" to table: "apikey"
CREATE INDEX "apikey_lastUsedAt_id" ON "apikey" ("lastUsedAt", "id");
