-- modify "attempt" table
ALTER TABLE `attempt` DROP COLUMN `identifier`, DROP COLUMN `ipAddress`, DROP COLUMN `userId`, DROP INDEX `attempt_blockedUntil_id`, DROP FOREIGN KEY `attempt_user_user`;
-- modify "event" table
ALTER TABLE `event` DROP INDEX `event_requestId`;
-- modify "session" table
ALTER TABLE `session` DROP COLUMN `impersonationWrites`, DROP INDEX `session_createdAt_id`;
-- modify "user" table
ALTER TABLE `user` DROP COLUMN `adminNote`, DROP COLUMN `adminMetadata`, DROP COLUMN `passwordTemporary`;
-- drop "device" table
DROP TABLE `device`;
-- drop "messageText" table
DROP TABLE `messageText`;
-- drop "preference" table
DROP TABLE `preference`;
-- drop "task" table
DROP TABLE `task`;
-- drop "upload" table
DROP TABLE `upload`;
