-- Add column "activeOrganizationId" to table: "session"
ALTER TABLE `session` ADD COLUMN `activeOrganizationId` text NULL;
-- Add column "activeTeamId" to table: "session"
ALTER TABLE `session` ADD COLUMN `activeTeamId` text NULL;
-- Create "apikey" table
CREATE TABLE `apikey` (`id` text NOT NULL, `configId` text NOT NULL DEFAULT ('default'), `name` text NULL, `start` text NULL, `referenceId` text NOT NULL, `prefix` text NULL, `key` text NOT NULL, `refillInterval` integer NULL, `refillAmount` integer NULL, `lastRefillAt` datetime NULL, `enabled` bool NOT NULL DEFAULT (true), `rateLimitEnabled` bool NOT NULL DEFAULT (true), `rateLimitTimeWindow` integer NULL, `rateLimitMax` integer NULL, `requestCount` integer NOT NULL DEFAULT (0), `remaining` integer NULL, `lastRequest` datetime NULL, `expiresAt` datetime NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, `permissions` text NULL, `metadata` text NULL, `ownerKind` text NOT NULL DEFAULT ('user'), `organizationId` text NULL, `createdBy` text NOT NULL DEFAULT (''), `lastAddress` text NOT NULL DEFAULT (''), `rotatedTo` text NULL, `warnedAt` datetime NULL, PRIMARY KEY (`id`));
-- Create index "apikey_key_key" to table: "apikey"
CREATE UNIQUE INDEX `apikey_key_key` ON `apikey` (`key`);
-- Create index "apikey_referenceId_createdAt_id" to table: "apikey"
CREATE INDEX `apikey_referenceId_createdAt_id` ON `apikey` (`referenceId`, `createdAt`, `id`);
-- Create index "apikey_organizationId_createdAt_id" to table: "apikey"
CREATE INDEX `apikey_organizationId_createdAt_id` ON `apikey` (`organizationId`, `createdAt`, `id`);
-- Create index "apikey_createdAt_id" to table: "apikey"
CREATE INDEX `apikey_createdAt_id` ON `apikey` (`createdAt`, `id`);
-- Create index "apikey_lastRequest_id" to table: "apikey"
CREATE INDEX `apikey_lastRequest_id` ON `apikey` (`lastRequest`, `id`);
-- Create index "apikey_expiresAt" to table: "apikey"
CREATE INDEX `apikey_expiresAt` ON `apikey` (`expiresAt`);
-- Create index "apikey_configId" to table: "apikey"
CREATE INDEX `apikey_configId` ON `apikey` (`configId`);
-- Create "invitation" table
CREATE TABLE `invitation` (`id` text NOT NULL, `email` text NOT NULL, `role` text NULL, `teamId` text NULL, `status` text NOT NULL DEFAULT ('pending'), `expiresAt` datetime NOT NULL, `createdAt` datetime NOT NULL, `additionalFields` json NULL, `mailed` bool NOT NULL DEFAULT (false), `sentAt` datetime NULL, `decidedAt` datetime NULL, `memberUntil` datetime NULL, `organizationId` text NOT NULL, `inviterId` text NULL, PRIMARY KEY (`id`), CONSTRAINT `invitation_organization_organization` FOREIGN KEY (`organizationId`) REFERENCES `organization` (`id`) ON DELETE CASCADE, CONSTRAINT `invitation_user_inviter` FOREIGN KEY (`inviterId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "invitation_organizationId_createdAt_id" to table: "invitation"
CREATE INDEX `invitation_organizationId_createdAt_id` ON `invitation` (`organizationId`, `createdAt`, `id`);
-- Create index "invitation_organizationId_status_expiresAt" to table: "invitation"
CREATE INDEX `invitation_organizationId_status_expiresAt` ON `invitation` (`organizationId`, `status`, `expiresAt`);
-- Create index "invitation_organizationId_email" to table: "invitation"
CREATE INDEX `invitation_organizationId_email` ON `invitation` (`organizationId`, `email`);
-- Create index "invitation_email" to table: "invitation"
CREATE INDEX `invitation_email` ON `invitation` (`email`);
-- Create index "invitation_inviterId" to table: "invitation"
CREATE INDEX `invitation_inviterId` ON `invitation` (`inviterId`);
-- Create "joinRequest" table
CREATE TABLE `joinRequest` (`id` text NOT NULL, `email` text NOT NULL, `role` text NOT NULL, `createdAt` datetime NOT NULL, `organizationId` text NOT NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `joinRequest_organization_organization` FOREIGN KEY (`organizationId`) REFERENCES `organization` (`id`) ON DELETE CASCADE, CONSTRAINT `joinRequest_user_user` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "joinrequest_organizationId_userId" to table: "joinRequest"
CREATE UNIQUE INDEX `joinrequest_organizationId_userId` ON `joinRequest` (`organizationId`, `userId`);
-- Create index "joinrequest_organizationId_createdAt_id" to table: "joinRequest"
CREATE INDEX `joinrequest_organizationId_createdAt_id` ON `joinRequest` (`organizationId`, `createdAt`, `id`);
-- Create index "joinrequest_userId" to table: "joinRequest"
CREATE INDEX `joinrequest_userId` ON `joinRequest` (`userId`);
-- Create "keyUsage" table
CREATE TABLE `keyUsage` (`id` text NOT NULL, `organizationId` text NULL, `day` text NOT NULL, `allowed` integer NOT NULL DEFAULT (0), `refused` integer NOT NULL DEFAULT (0), `keyId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `keyUsage_apikey_key` FOREIGN KEY (`keyId`) REFERENCES `apikey` (`id`) ON DELETE CASCADE);
-- Create index "keyusage_keyId_day" to table: "keyUsage"
CREATE UNIQUE INDEX `keyusage_keyId_day` ON `keyUsage` (`keyId`, `day`);
-- Create index "keyusage_day" to table: "keyUsage"
CREATE INDEX `keyusage_day` ON `keyUsage` (`day`);
-- Create "member" table
CREATE TABLE `member` (`id` text NOT NULL, `role` text NOT NULL DEFAULT ('member'), `createdAt` datetime NOT NULL, `additionalFields` json NULL, `startsAt` datetime NULL, `endsAt` datetime NULL, `userName` text NOT NULL DEFAULT (''), `userEmail` text NOT NULL DEFAULT (''), `organizationId` text NOT NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `member_organization_organization` FOREIGN KEY (`organizationId`) REFERENCES `organization` (`id`) ON DELETE CASCADE, CONSTRAINT `member_user_user` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "member_organizationId_userId" to table: "member"
CREATE UNIQUE INDEX `member_organizationId_userId` ON `member` (`organizationId`, `userId`);
-- Create index "member_organizationId_createdAt_id" to table: "member"
CREATE INDEX `member_organizationId_createdAt_id` ON `member` (`organizationId`, `createdAt`, `id`);
-- Create index "member_organizationId_userName_userEmail_id" to table: "member"
CREATE INDEX `member_organizationId_userName_userEmail_id` ON `member` (`organizationId`, `userName`, `userEmail`, `id`);
-- Create index "member_organizationId_role_createdAt_id" to table: "member"
CREATE INDEX `member_organizationId_role_createdAt_id` ON `member` (`organizationId`, `role`, `createdAt`, `id`);
-- Create index "member_userId" to table: "member"
CREATE INDEX `member_userId` ON `member` (`userId`);
-- Create index "member_endsAt" to table: "member"
CREATE INDEX `member_endsAt` ON `member` (`endsAt`);
-- Create "memberRole" table
CREATE TABLE `memberRole` (`id` text NOT NULL, `organizationId` text NOT NULL, `role` text NOT NULL, `startsAt` datetime NULL, `endsAt` datetime NULL, `grantedBy` text NOT NULL DEFAULT (''), `createdAt` datetime NOT NULL, `memberId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `memberRole_member_member` FOREIGN KEY (`memberId`) REFERENCES `member` (`id`) ON DELETE CASCADE);
-- Create index "memberrole_memberId" to table: "memberRole"
CREATE INDEX `memberrole_memberId` ON `memberRole` (`memberId`);
-- Create index "memberrole_organizationId_role" to table: "memberRole"
CREATE INDEX `memberrole_organizationId_role` ON `memberRole` (`organizationId`, `role`);
-- Create index "memberrole_endsAt" to table: "memberRole"
CREATE INDEX `memberrole_endsAt` ON `memberRole` (`endsAt`);
-- Create "organization" table
CREATE TABLE `organization` (`id` text NOT NULL, `name` text NOT NULL, `slug` text NOT NULL, `logo` text NULL, `createdAt` datetime NOT NULL, `metadata` text NULL, `additionalFields` json NULL, `memberLimit` integer NULL, PRIMARY KEY (`id`));
-- Create index "organization_slug_key" to table: "organization"
CREATE UNIQUE INDEX `organization_slug_key` ON `organization` (`slug`);
-- Create index "organization_createdAt_id" to table: "organization"
CREATE INDEX `organization_createdAt_id` ON `organization` (`createdAt`, `id`);
-- Create index "organization_name_id" to table: "organization"
CREATE INDEX `organization_name_id` ON `organization` (`name`, `id`);
-- Create "organizationDomain" table
CREATE TABLE `organizationDomain` (`id` text NOT NULL, `domain` text NOT NULL, `token` text NOT NULL, `verifiedDomain` text NULL, `verifiedAt` datetime NULL, `verifiedBy` text NOT NULL DEFAULT (''), `joining` text NOT NULL DEFAULT ('approval'), `role` text NOT NULL DEFAULT ('member'), `checkedAt` datetime NULL, `checkError` text NOT NULL, `createdBy` text NOT NULL DEFAULT (''), `createdAt` datetime NOT NULL, `organizationId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `organizationDomain_organization_organization` FOREIGN KEY (`organizationId`) REFERENCES `organization` (`id`) ON DELETE CASCADE);
-- Create index "organizationDomain_verifiedDomain_key" to table: "organizationDomain"
CREATE UNIQUE INDEX `organizationDomain_verifiedDomain_key` ON `organizationDomain` (`verifiedDomain`);
-- Create index "organizationdomain_organizationId_domain" to table: "organizationDomain"
CREATE UNIQUE INDEX `organizationdomain_organizationId_domain` ON `organizationDomain` (`organizationId`, `domain`);
-- Create index "organizationdomain_domain" to table: "organizationDomain"
CREATE INDEX `organizationdomain_domain` ON `organizationDomain` (`domain`);
-- Create "organizationRole" table
CREATE TABLE `organizationRole` (`id` text NOT NULL, `role` text NOT NULL, `permission` text NOT NULL, `createdAt` datetime NOT NULL, `updatedAt` datetime NULL, `additionalFields` json NULL, `description` text NOT NULL DEFAULT (''), `organizationId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `organizationRole_organization_organization` FOREIGN KEY (`organizationId`) REFERENCES `organization` (`id`) ON DELETE CASCADE);
-- Create index "organizationrole_organizationId_role" to table: "organizationRole"
CREATE UNIQUE INDEX `organizationrole_organizationId_role` ON `organizationRole` (`organizationId`, `role`);
-- Create "serviceAccount" table
CREATE TABLE `serviceAccount` (`id` text NOT NULL, `organizationId` text NULL, `name` text NOT NULL, `description` text NOT NULL DEFAULT (''), `role` text NOT NULL DEFAULT (''), `enabled` bool NOT NULL DEFAULT (true), `endsAt` datetime NULL, `createdBy` text NOT NULL DEFAULT (''), `createdAt` datetime NOT NULL, `updatedAt` datetime NOT NULL, PRIMARY KEY (`id`));
-- Create index "serviceaccount_organizationId_createdAt_id" to table: "serviceAccount"
CREATE INDEX `serviceaccount_organizationId_createdAt_id` ON `serviceAccount` (`organizationId`, `createdAt`, `id`);
-- Create index "serviceaccount_createdAt_id" to table: "serviceAccount"
CREATE INDEX `serviceaccount_createdAt_id` ON `serviceAccount` (`createdAt`, `id`);
-- Create "team" table
CREATE TABLE `team` (`id` text NOT NULL, `name` text NOT NULL, `memberCount` integer NOT NULL DEFAULT (0), `createdAt` datetime NOT NULL, `updatedAt` datetime NULL, `additionalFields` json NULL, `organizationId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `team_organization_organization` FOREIGN KEY (`organizationId`) REFERENCES `organization` (`id`) ON DELETE CASCADE);
-- Create index "team_organizationId_createdAt_id" to table: "team"
CREATE INDEX `team_organizationId_createdAt_id` ON `team` (`organizationId`, `createdAt`, `id`);
-- Create index "team_organizationId_name_id" to table: "team"
CREATE INDEX `team_organizationId_name_id` ON `team` (`organizationId`, `name`, `id`);
-- Create "teamMember" table
CREATE TABLE `teamMember` (`id` text NOT NULL, `membershipKey` text NULL, `createdAt` datetime NULL, `organizationId` text NOT NULL, `teamId` text NOT NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `teamMember_team_team` FOREIGN KEY (`teamId`) REFERENCES `team` (`id`) ON DELETE CASCADE, CONSTRAINT `teamMember_user_user` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "teamMember_membershipKey_key" to table: "teamMember"
CREATE UNIQUE INDEX `teamMember_membershipKey_key` ON `teamMember` (`membershipKey`);
-- Create index "teammember_teamId_userId" to table: "teamMember"
CREATE UNIQUE INDEX `teammember_teamId_userId` ON `teamMember` (`teamId`, `userId`);
-- Create index "teammember_userId" to table: "teamMember"
CREATE INDEX `teammember_userId` ON `teamMember` (`userId`);
-- Create index "teammember_organizationId_userId" to table: "teamMember"
CREATE INDEX `teammember_organizationId_userId` ON `teamMember` (`organizationId`, `userId`);
-- Create "timedRole" table
CREATE TABLE `timedRole` (`id` text NOT NULL, `role` text NOT NULL, `startsAt` datetime NULL, `endsAt` datetime NULL, `grantedBy` text NOT NULL DEFAULT (''), `createdAt` datetime NOT NULL, `userId` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `timedRole_user_user` FOREIGN KEY (`userId`) REFERENCES `user` (`id`) ON DELETE CASCADE);
-- Create index "timedrole_userId" to table: "timedRole"
CREATE INDEX `timedrole_userId` ON `timedRole` (`userId`);
-- Create index "timedrole_role" to table: "timedRole"
CREATE INDEX `timedrole_role` ON `timedRole` (`role`);
-- Create index "timedrole_endsAt" to table: "timedRole"
CREATE INDEX `timedrole_endsAt` ON `timedRole` (`endsAt`);
