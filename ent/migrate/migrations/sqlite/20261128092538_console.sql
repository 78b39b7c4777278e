-- Disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- Create "new_attempt" table
CREATE TABLE `new_attempt` (`id` text NOT NULL, `key` text NOT NULL, `failures` integer NOT NULL DEFAULT (0), `lastFailureAt` datetime NOT NULL, `blockedUntil` datetime NULL, `identifier` text NULL, `ipAddress` text NOT NULL DEFAULT (''), `userId` text NULL, PRIMARY KEY (`id`), CONSTRAINT `attempt_user_user` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Copy rows from old table "attempt" to new temporary table "new_attempt"
INSERT INTO `new_attempt` (`id`, `key`, `failures`, `lastFailureAt`, `blockedUntil`) SELECT `id`, `key`, `failures`, `lastFailureAt`, `blockedUntil` FROM `attempt`;
-- Drop "attempt" table after copying rows
DROP TABLE `attempt`;
-- Rename temporary table "new_attempt" to "attempt"
ALTER TABLE `new_attempt` RENAME TO `attempt`;
-- Create index "attempt_key_key" to table: "attempt"
CREATE UNIQUE INDEX `attempt_key_key` ON `attempt` (`key`);
-- Create index "attempt_lastFailureAt" to table: "attempt"
CREATE INDEX `attempt_lastFailureAt` ON `attempt` (`lastFailureAt`);
-- Create index "attempt_blockedUntil_id" to table: "attempt"
CREATE INDEX `attempt_blockedUntil_id` ON `attempt` (`blockedUntil`, `id`);
-- Create index "event_requestId" to table: "event"
CREATE INDEX `event_requestId` ON `event` (`requestId`);
-- Create "new_session" table
CREATE TABLE `new_session` (`id` text NOT NULL, `impersonatedBy` text NULL, `impersonationWrites` bool NOT NULL DEFAULT (false), `expiresAt` datetime NOT NULL, `token` text NOT NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, `ipAddress` text NULL, `userAgent` text NULL, `additionalFields` json NULL, `authenticatedAt` datetime NOT NULL, `amr` text NOT NULL DEFAULT (''), `absoluteExpiresAt` datetime NULL, `remembered` bool NOT NULL DEFAULT (true), `lastSeenAt` datetime NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `session_user_sessions` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Copy rows from old table "session" to new temporary table "new_session"
INSERT INTO `new_session` (`id`, `impersonatedBy`, `expiresAt`, `token`, `createdAt`, `updatedAt`, `ipAddress`, `userAgent`, `additionalFields`, `authenticatedAt`, `amr`, `absoluteExpiresAt`, `remembered`, `lastSeenAt`, `userId`) SELECT `id`, `impersonatedBy`, `expiresAt`, `token`, `createdAt`, `updatedAt`, `ipAddress`, `userAgent`, `additionalFields`, `authenticatedAt`, `amr`, `absoluteExpiresAt`, `remembered`, `lastSeenAt`, `userId` FROM `session`;
-- Drop "session" table after copying rows
DROP TABLE `session`;
-- Rename temporary table "new_session" to "session"
ALTER TABLE `new_session` RENAME TO `session`;
-- Create index "session_token_key" to table: "session"
CREATE UNIQUE INDEX `session_token_key` ON `session` (`token`);
-- Create index "session_userId" to table: "session"
CREATE INDEX `session_userId` ON `session` (`userId`);
-- Create index "session_expiresAt" to table: "session"
CREATE INDEX `session_expiresAt` ON `session` (`expiresAt`);
-- Create index "session_createdAt_id" to table: "session"
CREATE INDEX `session_createdAt_id` ON `session` (`createdAt`, `id`);
-- Create "new_user" table
CREATE TABLE `new_user` (`id` text NOT NULL, `role` text NULL, `banned` bool NULL DEFAULT (false), `banReason` text NULL, `banExpires` datetime NULL, `adminNote` text NULL, `adminMetadata` json NULL, `passwordTemporary` bool NOT NULL DEFAULT (false), `name` text NOT NULL, `email` text NOT NULL, `emailVerified` bool NOT NULL DEFAULT (false), `image` text NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, `additionalFields` json NULL, PRIMARY KEY (`id`));
-- Copy rows from old table "user" to new temporary table "new_user"
INSERT INTO `new_user` (`id`, `role`, `banned`, `banReason`, `banExpires`, `name`, `email`, `emailVerified`, `image`, `createdAt`, `updatedAt`, `additionalFields`) SELECT `id`, `role`, `banned`, `banReason`, `banExpires`, `name`, `email`, `emailVerified`, `image`, `createdAt`, `updatedAt`, `additionalFields` FROM `user`;
-- Drop "user" table after copying rows
DROP TABLE `user`;
-- Rename temporary table "new_user" to "user"
ALTER TABLE `new_user` RENAME TO `user`;
-- Create index "user_email_key" to table: "user"
CREATE UNIQUE INDEX `user_email_key` ON `user` (`email`);
-- Create index "user_role_createdAt_id" to table: "user"
CREATE INDEX `user_role_createdAt_id` ON `user` (`role`, `createdAt`, `id`);
-- Create index "user_banned_createdAt_id" to table: "user"
CREATE INDEX `user_banned_createdAt_id` ON `user` (`banned`, `createdAt`, `id`);
-- Create index "user_createdAt_id" to table: "user"
CREATE INDEX `user_createdAt_id` ON `user` (`createdAt`, `id`);
-- Create index "user_name_id" to table: "user"
CREATE INDEX `user_name_id` ON `user` (`name`, `id`);
-- Create "device" table
CREATE TABLE `device` (`id` text NOT NULL, `key` text NOT NULL, `ipAddress` text NOT NULL DEFAULT (''), `userAgent` text NOT NULL, `createdAt` datetime NOT NULL, `lastSeenAt` datetime NOT NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `device_user_user` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "device_userId_key" to table: "device"
CREATE UNIQUE INDEX `device_userId_key` ON `device` (`userId`, `key`);
-- Create index "device_lastSeenAt" to table: "device"
CREATE INDEX `device_lastSeenAt` ON `device` (`lastSeenAt`);
-- Create "messageText" table
CREATE TABLE `messageText` (`id` text NOT NULL, `kind` text NOT NULL, `language` text NOT NULL, `subject` text NOT NULL, `body` text NOT NULL, `updatedAt` datetime NOT NULL, `updatedBy` text NULL, PRIMARY KEY (`id`));
-- Create index "messagetext_kind_language" to table: "messageText"
CREATE UNIQUE INDEX `messagetext_kind_language` ON `messageText` (`kind`, `language`);
-- Create "preference" table
CREATE TABLE `preference` (`id` text NOT NULL, `name` text NOT NULL, `value` text NOT NULL, `updatedAt` datetime NOT NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `preference_user_user` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "preference_userId_name" to table: "preference"
CREATE UNIQUE INDEX `preference_userId_name` ON `preference` (`userId`, `name`);
-- Create "task" table
CREATE TABLE `task` (`id` text NOT NULL, `kind` text NOT NULL, `state` text NOT NULL DEFAULT ('waiting'), `input` text NOT NULL, `total` integer NOT NULL DEFAULT (0), `done` integer NOT NULL DEFAULT (0), `skipped` text NOT NULL, `createdAt` datetime NOT NULL, `leaseUntil` datetime NULL, `finishedAt` datetime NULL, `createdBy` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `task_user_user` FOREIGN KEY (`createdBy`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "task_state_createdAt" to table: "task"
CREATE INDEX `task_state_createdAt` ON `task` (`state`, `createdAt`);
-- Create index "task_createdBy_createdAt" to table: "task"
CREATE INDEX `task_createdBy_createdAt` ON `task` (`createdBy`, `createdAt`);
-- Create "upload" table
CREATE TABLE `upload` (`id` text NOT NULL, `purpose` text NOT NULL, `mediaType` text NOT NULL, `data` blob NOT NULL, `createdAt` datetime NOT NULL, `ownerId` text NULL, PRIMARY KEY (`id`), CONSTRAINT `upload_user_owner` FOREIGN KEY (`ownerId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "upload_ownerId_purpose" to table: "upload"
CREATE INDEX `upload_ownerId_purpose` ON `upload` (`ownerId`, `purpose`);
-- Enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
