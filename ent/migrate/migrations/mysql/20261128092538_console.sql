-- Modify "event" table
ALTER TABLE `event` ADD INDEX `event_requestId` (`requestId`);
-- Modify "session" table
ALTER TABLE `session` ADD COLUMN `impersonationWrites` bool NOT NULL DEFAULT 0, ADD INDEX `session_createdAt_id` (`createdAt`, `id`);
-- Modify "user" table
ALTER TABLE `user` ADD COLUMN `adminNote` longtext NULL, ADD COLUMN `adminMetadata` json NULL, ADD COLUMN `passwordTemporary` bool NOT NULL DEFAULT 0;
-- Create "messageText" table
CREATE TABLE `messageText` (`id` varchar(64) NOT NULL, `kind` varchar(100) NOT NULL, `language` varchar(35) NOT NULL, `subject` longtext NOT NULL, `body` longtext NOT NULL, `updatedAt` datetime(3) NOT NULL, `updatedBy` varchar(64) NULL, PRIMARY KEY (`id`), UNIQUE INDEX `messagetext_kind_language` (`kind`, `language`)) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Modify "attempt" table
ALTER TABLE `attempt` ADD COLUMN `identifier` longtext NULL, ADD COLUMN `ipAddress` varchar(255) NOT NULL DEFAULT '', ADD COLUMN `userId` varchar(64) NULL, ADD INDEX `attempt_blockedUntil_id` (`blockedUntil`, `id`), ADD INDEX `attempt_user_user` (`userId`), ADD CONSTRAINT `attempt_user_user` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON UPDATE RESTRICT ON DELETE CASCADE;
-- Create "device" table
CREATE TABLE `device` (`id` varchar(64) NOT NULL, `key` varchar(255) NOT NULL, `ipAddress` varchar(255) NOT NULL DEFAULT '', `userAgent` longtext NOT NULL, `createdAt` datetime(3) NOT NULL, `lastSeenAt` datetime(3) NOT NULL, `userId` varchar(64) NOT NULL, PRIMARY KEY (`id`), INDEX `device_lastSeenAt` (`lastSeenAt`), UNIQUE INDEX `device_userId_key` (`userId`, `key`), CONSTRAINT `device_user_user` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON UPDATE RESTRICT ON DELETE CASCADE) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "preference" table
CREATE TABLE `preference` (`id` varchar(64) NOT NULL, `name` varchar(255) NOT NULL, `value` longtext NOT NULL, `updatedAt` datetime(3) NOT NULL, `userId` varchar(64) NOT NULL, PRIMARY KEY (`id`), UNIQUE INDEX `preference_userId_name` (`userId`, `name`), CONSTRAINT `preference_user_user` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON UPDATE RESTRICT ON DELETE CASCADE) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "task" table
CREATE TABLE `task` (`id` varchar(64) NOT NULL, `kind` varchar(255) NOT NULL, `state` enum('waiting','running','done','stopped') NOT NULL DEFAULT 'waiting', `input` longtext NOT NULL, `total` bigint NOT NULL DEFAULT 0, `done` bigint NOT NULL DEFAULT 0, `skipped` longtext NOT NULL, `createdAt` datetime(3) NOT NULL, `leaseUntil` datetime(3) NULL, `finishedAt` datetime(3) NULL, `createdBy` varchar(64) NOT NULL, PRIMARY KEY (`id`), INDEX `task_createdBy_createdAt` (`createdBy`, `createdAt`), INDEX `task_state_createdAt` (`state`, `createdAt`), CONSTRAINT `task_user_user` FOREIGN KEY (`createdBy`) REFERENCES `user` (`id`) ON UPDATE RESTRICT ON DELETE CASCADE) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "upload" table
CREATE TABLE `upload` (`id` varchar(64) NOT NULL, `purpose` varchar(255) NOT NULL, `mediaType` varchar(255) NOT NULL, `data` mediumblob NOT NULL, `createdAt` datetime(3) NOT NULL, `ownerId` varchar(64) NULL, PRIMARY KEY (`id`), INDEX `upload_ownerId_purpose` (`ownerId`, `purpose`), CONSTRAINT `upload_user_owner` FOREIGN KEY (`ownerId`) REFERENCES `user` (`id`) ON UPDATE RESTRICT ON DELETE CASCADE) CHARSET utf8mb4 COLLATE utf8mb4_bin;
