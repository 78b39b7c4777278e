-- drop index "attempt_blockedUntil_id" from table: "attempt"
DROP INDEX "attempt_blockedUntil_id";
-- modify "attempt" table
ALTER TABLE "attempt" DROP COLUMN "identifier", DROP COLUMN "ipAddress", DROP COLUMN "userId";
-- drop index "event_requestId" from table: "event"
DROP INDEX "event_requestId";
-- drop index "session_createdAt_id" from table: "session"
DROP INDEX "session_createdAt_id";
-- modify "session" table
ALTER TABLE "session" DROP COLUMN "impersonationWrites";
-- modify "user" table
ALTER TABLE "user" DROP COLUMN "adminNote", DROP COLUMN "adminMetadata", DROP COLUMN "passwordTemporary";
-- drop "device" table
DROP TABLE "device";
-- drop "messageText" table
DROP TABLE "messageText";
-- drop "preference" table
DROP TABLE "preference";
-- drop "task" table
DROP TABLE "task";
-- drop "upload" table
DROP TABLE "upload";
