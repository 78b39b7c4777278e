-- Create "account" table
CREATE TABLE `account` (`id` text NOT NULL, `accountId` text NOT NULL, `providerId` text NOT NULL, `accessToken` text NULL, `refreshToken` text NULL, `idToken` text NULL, `accessTokenExpiresAt` datetime NULL, `refreshTokenExpiresAt` datetime NULL, `scope` text NULL, `password` text NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, `additionalFields` json NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `account_user_accounts` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "account_providerId_accountId" to table: "account"
CREATE UNIQUE INDEX `account_providerId_accountId` ON `account` (`providerId`, `accountId`);
-- Create index "account_userId" to table: "account"
CREATE INDEX `account_userId` ON `account` (`userId`);
-- Create "attempt" table
CREATE TABLE `attempt` (`id` text NOT NULL, `key` text NOT NULL, `failures` integer NOT NULL DEFAULT (0), `lastFailureAt` datetime NOT NULL, `blockedUntil` datetime NULL, PRIMARY KEY (`id`));
-- Create index "attempt_key_key" to table: "attempt"
CREATE UNIQUE INDEX `attempt_key_key` ON `attempt` (`key`);
-- Create index "attempt_lastFailureAt" to table: "attempt"
CREATE INDEX `attempt_lastFailureAt` ON `attempt` (`lastFailureAt`);
-- Create "delivery" table
CREATE TABLE `delivery` (`id` text NOT NULL, `sink` text NOT NULL, `eventId` text NOT NULL, `attempts` integer NOT NULL DEFAULT (0), `nextAttemptAt` datetime NOT NULL, `lastError` text NOT NULL, `createdAt` datetime NOT NULL, PRIMARY KEY (`id`));
-- Create index "delivery_nextAttemptAt" to table: "delivery"
CREATE INDEX `delivery_nextAttemptAt` ON `delivery` (`nextAttemptAt`);
-- Create index "delivery_eventId" to table: "delivery"
CREATE INDEX `delivery_eventId` ON `delivery` (`eventId`);
-- Create "event" table
CREATE TABLE `event` (`id` text NOT NULL, `kind` text NOT NULL, `occurredAt` datetime NOT NULL, `actorId` text NOT NULL DEFAULT (''), `actorName` text NOT NULL DEFAULT (''), `scheme` text NOT NULL DEFAULT (''), `subjectType` text NOT NULL DEFAULT (''), `subjectId` text NOT NULL DEFAULT (''), `organizationId` text NULL, `sessionId` text NOT NULL DEFAULT (''), `ipAddress` text NOT NULL DEFAULT (''), `userAgent` text NOT NULL, `requestId` text NOT NULL DEFAULT (''), `result` text NOT NULL DEFAULT (''), `reason` text NOT NULL, `data` json NULL, PRIMARY KEY (`id`));
-- Create index "event_occurredAt_id" to table: "event"
CREATE INDEX `event_occurredAt_id` ON `event` (`occurredAt`, `id`);
-- Create index "event_subjectId_occurredAt" to table: "event"
CREATE INDEX `event_subjectId_occurredAt` ON `event` (`subjectId`, `occurredAt`);
-- Create index "event_actorId_occurredAt" to table: "event"
CREATE INDEX `event_actorId_occurredAt` ON `event` (`actorId`, `occurredAt`);
-- Create index "event_organizationId_occurredAt" to table: "event"
CREATE INDEX `event_organizationId_occurredAt` ON `event` (`organizationId`, `occurredAt`);
-- Create index "event_kind_occurredAt" to table: "event"
CREATE INDEX `event_kind_occurredAt` ON `event` (`kind`, `occurredAt`);
-- Create "job" table
CREATE TABLE `job` (`id` text NOT NULL, `name` text NOT NULL, `leaseOwner` text NOT NULL DEFAULT (''), `leaseUntil` datetime NULL, `lastStartedAt` datetime NULL, `lastFinishedAt` datetime NULL, `lastError` text NOT NULL, PRIMARY KEY (`id`));
-- Create index "job_name_key" to table: "job"
CREATE UNIQUE INDEX `job_name_key` ON `job` (`name`);
-- Create "outboxMessage" table
CREATE TABLE `outboxMessage` (`id` text NOT NULL, `kind` text NOT NULL, `channel` text NOT NULL, `recipient` text NOT NULL, `subject` text NOT NULL, `body` text NOT NULL, `state` text NOT NULL DEFAULT ('queued'), `attempts` integer NOT NULL DEFAULT (0), `nextAttemptAt` datetime NOT NULL, `lastError` text NOT NULL, `expiresAt` datetime NULL, `createdAt` datetime NOT NULL, `sentAt` datetime NULL, PRIMARY KEY (`id`));
-- Create index "outboxmessage_state_nextAttemptAt" to table: "outboxMessage"
CREATE INDEX `outboxmessage_state_nextAttemptAt` ON `outboxMessage` (`state`, `nextAttemptAt`);
-- Create index "outboxmessage_createdAt" to table: "outboxMessage"
CREATE INDEX `outboxmessage_createdAt` ON `outboxMessage` (`createdAt`);
-- Create index "outboxmessage_expiresAt" to table: "outboxMessage"
CREATE INDEX `outboxmessage_expiresAt` ON `outboxMessage` (`expiresAt`);
-- Create "platformInvitation" table
CREATE TABLE `platformInvitation` (`id` text NOT NULL, `email` text NOT NULL, `name` text NOT NULL DEFAULT (''), `role` text NOT NULL, `tokenHash` text NOT NULL, `inviterId` text NOT NULL, `createdAt` datetime NOT NULL, `expiresAt` datetime NOT NULL, `mailed` bool NOT NULL DEFAULT (false), `acceptedAt` datetime NULL, `acceptedUserId` text NULL, `cancelledAt` datetime NULL, PRIMARY KEY (`id`));
-- Create index "platformInvitation_tokenHash_key" to table: "platformInvitation"
CREATE UNIQUE INDEX `platformInvitation_tokenHash_key` ON `platformInvitation` (`tokenHash`);
-- Create index "platforminvitation_createdAt" to table: "platformInvitation"
CREATE INDEX `platforminvitation_createdAt` ON `platformInvitation` (`createdAt`);
-- Create index "platforminvitation_email" to table: "platformInvitation"
CREATE INDEX `platforminvitation_email` ON `platformInvitation` (`email`);
-- Create "rateLimit" table
CREATE TABLE `rateLimit` (`id` text NOT NULL, `key` text NOT NULL, `count` integer NOT NULL, `lastRequest` integer NOT NULL, PRIMARY KEY (`id`));
-- Create index "rateLimit_key_key" to table: "rateLimit"
CREATE UNIQUE INDEX `rateLimit_key_key` ON `rateLimit` (`key`);
-- Create index "ratelimit_lastRequest" to table: "rateLimit"
CREATE INDEX `ratelimit_lastRequest` ON `rateLimit` (`lastRequest`);
-- Create "session" table
CREATE TABLE `session` (`id` text NOT NULL, `impersonatedBy` text NULL, `expiresAt` datetime NOT NULL, `token` text NOT NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, `ipAddress` text NULL, `userAgent` text NULL, `additionalFields` json NULL, `authenticatedAt` datetime NOT NULL, `amr` text NOT NULL DEFAULT (''), `absoluteExpiresAt` datetime NULL, `remembered` bool NOT NULL DEFAULT (true), `lastSeenAt` datetime NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `session_user_sessions` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "session_token_key" to table: "session"
CREATE UNIQUE INDEX `session_token_key` ON `session` (`token`);
-- Create index "session_userId" to table: "session"
CREATE INDEX `session_userId` ON `session` (`userId`);
-- Create index "session_expiresAt" to table: "session"
CREATE INDEX `session_expiresAt` ON `session` (`expiresAt`);
-- Create "setting" table
CREATE TABLE `setting` (`id` text NOT NULL, `key` text NOT NULL, `value` text NOT NULL, `updatedAt` datetime NOT NULL, `updatedBy` text NULL, PRIMARY KEY (`id`));
-- Create index "setting_key_key" to table: "setting"
CREATE UNIQUE INDEX `setting_key_key` ON `setting` (`key`);
-- Create "user" table
CREATE TABLE `user` (`id` text NOT NULL, `role` text NULL, `banned` bool NULL DEFAULT (false), `banReason` text NULL, `banExpires` datetime NULL, `name` text NOT NULL, `email` text NOT NULL, `emailVerified` bool NOT NULL DEFAULT (false), `image` text NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, `additionalFields` json NULL, PRIMARY KEY (`id`));
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
-- Create "verification" table
CREATE TABLE `verification` (`id` text NOT NULL, `identifier` text NOT NULL, `value` text NOT NULL, `expiresAt` datetime NOT NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, `subject` text NULL, `purpose` text NOT NULL DEFAULT (''), `reservation` text NULL, PRIMARY KEY (`id`));
-- Create index "verification_reservation_key" to table: "verification"
CREATE UNIQUE INDEX `verification_reservation_key` ON `verification` (`reservation`);
-- Create index "verification_identifier" to table: "verification"
CREATE INDEX `verification_identifier` ON `verification` (`identifier`);
-- Create index "verification_subject" to table: "verification"
CREATE INDEX `verification_subject` ON `verification` (`subject`);
-- Create index "verification_expiresAt" to table: "verification"
CREATE INDEX `verification_expiresAt` ON `verification` (`expiresAt`);
