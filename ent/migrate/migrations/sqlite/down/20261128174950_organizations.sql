-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_session" table
CREATE TABLE `new_session` (`id` text NOT NULL, `impersonatedBy` text NULL, `impersonationWrites` bool NOT NULL DEFAULT false, `expiresAt` datetime NOT NULL, `token` text NOT NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, `ipAddress` text NULL, `userAgent` text NULL, `additionalFields` json NULL, `authenticatedAt` datetime NOT NULL, `amr` text NOT NULL DEFAULT '', `absoluteExpiresAt` datetime NULL, `remembered` bool NOT NULL DEFAULT true, `lastSeenAt` datetime NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `session_user_sessions` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE);
-- copy rows from old table "session" to new temporary table "new_session"
INSERT INTO `new_session` (`id`, `impersonatedBy`, `impersonationWrites`, `expiresAt`, `token`, `createdAt`, `updatedAt`, `ipAddress`, `userAgent`, `additionalFields`, `authenticatedAt`, `amr`, `absoluteExpiresAt`, `remembered`, `lastSeenAt`, `userId`) SELECT `id`, `impersonatedBy`, `impersonationWrites`, `expiresAt`, `token`, `createdAt`, `updatedAt`, `ipAddress`, `userAgent`, `additionalFields`, `authenticatedAt`, `amr`, `absoluteExpiresAt`, `remembered`, `lastSeenAt`, `userId` FROM `session`;
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
-- create index "session_createdAt_id" to table: "session"
CREATE INDEX `session_createdAt_id` ON `session` (`createdAt`, `id`);
-- drop "apikey" table
DROP TABLE `apikey`;
-- drop "invitation" table
DROP TABLE `invitation`;
-- drop "joinRequest" table
DROP TABLE `joinRequest`;
-- drop "keyUsage" table
DROP TABLE `keyUsage`;
-- drop "member" table
DROP TABLE `member`;
-- drop "memberRole" table
DROP TABLE `memberRole`;
-- drop "organization" table
DROP TABLE `organization`;
-- drop "organizationDomain" table
DROP TABLE `organizationDomain`;
-- drop "organizationRole" table
DROP TABLE `organizationRole`;
-- drop "serviceAccount" table
DROP TABLE `serviceAccount`;
-- drop "team" table
DROP TABLE `team`;
-- drop "teamMember" table
DROP TABLE `teamMember`;
-- drop "timedRole" table
DROP TABLE `timedRole`;
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
