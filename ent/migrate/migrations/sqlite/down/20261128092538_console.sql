-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- drop index "event_requestId" from table: "event"
DROP INDEX `event_requestId`;
-- create "new_attempt" table
CREATE TABLE `new_attempt` (`id` text NOT NULL, `key` text NOT NULL, `failures` integer NOT NULL DEFAULT 0, `lastFailureAt` datetime NOT NULL, `blockedUntil` datetime NULL, PRIMARY KEY (`id`));
-- copy rows from old table "attempt" to new temporary table "new_attempt"
INSERT INTO `new_attempt` (`id`, `key`, `failures`, `lastFailureAt`, `blockedUntil`) SELECT `id`, `key`, `failures`, `lastFailureAt`, `blockedUntil` FROM `attempt`;
-- drop "attempt" table after copying rows
DROP TABLE `attempt`;
-- rename temporary table "new_attempt" to "attempt"
ALTER TABLE `new_attempt` RENAME TO `attempt`;
-- create index "attempt_key_key" to table: "attempt"
CREATE UNIQUE INDEX `attempt_key_key` ON `attempt` (`key`);
-- create index "attempt_lastFailureAt" to table: "attempt"
CREATE INDEX `attempt_lastFailureAt` ON `attempt` (`lastFailureAt`);
-- create "new_session" table
CREATE TABLE `new_session` (`id` text NOT NULL, `impersonatedBy` text NULL, `expiresAt` datetime NOT NULL, `token` text NOT NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, `ipAddress` text NULL, `userAgent` text NULL, `additionalFields` json NULL, `authenticatedAt` datetime NOT NULL, `amr` text NOT NULL DEFAULT '', `absoluteExpiresAt` datetime NULL, `remembered` bool NOT NULL DEFAULT true, `lastSeenAt` datetime NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `session_user_sessions` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE);
-- copy rows from old table "session" to new temporary table "new_session"
INSERT INTO `new_session` (`id`, `impersonatedBy`, `expiresAt`, `token`, `createdAt`, `updatedAt`, `ipAddress`, `userAgent`, `additionalFields`, `authenticatedAt`, `amr`, `absoluteExpiresAt`, `remembered`, `lastSeenAt`, `userId`) SELECT `id`, `impersonatedBy`, `expiresAt`, `token`, `createdAt`, `updatedAt`, `ipAddress`, `userAgent`, `additionalFields`, `authenticatedAt`, `amr`, `absoluteExpiresAt`, `remembered`, `lastSeenAt`, `userId` FROM `session`;
-- drop "session" table after copying rows
DROP TABLE `session`;
-- rename temporary table "new_session" to "session"
ALTER TABLE `new_session` RENAME TO `session`;
-- create index "session_token_key" to table: "session"
CREATE UNIQUE INDEX `session_token_key` ON `session` (`token`);
-- create index "session_userId" to table: "session"
CREATE INDEX `session_userId` ON `session` (`userId`);
-- create index "session_expiresAt" to table: "session"
CREATE INDEX `session_expiresAt` ON `session` (`expiresAt`);
-- create "new_user" table
CREATE TABLE `new_user` (`id` text NOT NULL, `role` text NULL, `banned` bool NULL DEFAULT false, `banReason` text NULL, `banExpires` datetime NULL, `name` text NOT NULL, `email` text NOT NULL, `emailVerified` bool NOT NULL DEFAULT false, `image` text NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, `additionalFields` json NULL, PRIMARY KEY (`id`));
-- copy rows from old table "user" to new temporary table "new_user"
INSERT INTO `new_user` (`id`, `role`, `banned`, `banReason`, `banExpires`, `name`, `email`, `emailVerified`, `image`, `createdAt`, `updatedAt`, `additionalFields`) SELECT `id`, `role`, `banned`, `banReason`, `banExpires`, `name`, `email`, `emailVerified`, `image`, `createdAt`, `updatedAt`, `additionalFields` FROM `user`;
-- drop "user" table after copying rows
DROP TABLE `user`;
-- rename temporary table "new_user" to "user"
ALTER TABLE `new_user` RENAME TO `user`;
-- create index "user_email_key" to table: "user"
CREATE UNIQUE INDEX `user_email_key` ON `user` (`email`);
-- create index "user_role_createdAt_id" to table: "user"
CREATE INDEX `user_role_createdAt_id` ON `user` (`role`, `createdAt`, `id`);
-- create index "user_banned_createdAt_id" to table: "user"
CREATE INDEX `user_banned_createdAt_id` ON `user` (`banned`, `createdAt`, `id`);
-- create index "user_createdAt_id" to table: "user"
CREATE INDEX `user_createdAt_id` ON `user` (`createdAt`, `id`);
-- create index "user_name_id" to table: "user"
CREATE INDEX `user_name_id` ON `user` (`name`, `id`);
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
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
