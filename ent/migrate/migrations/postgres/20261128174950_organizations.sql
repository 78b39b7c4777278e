-- Create "serviceAccount" table
CREATE TABLE "serviceAccount" ("id" character varying NOT NULL, "organizationId" character varying NULL, "name" character varying NOT NULL, "description" character varying NOT NULL DEFAULT '', "role" character varying NOT NULL DEFAULT '', "enabled" boolean NOT NULL DEFAULT true, "endsAt" timestamptz NULL, "createdBy" character varying NOT NULL DEFAULT '', "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- Create index "serviceaccount_createdAt_id" to table: "serviceAccount"
CREATE INDEX "serviceaccount_createdAt_id" ON "serviceAccount" ("createdAt", "id");
-- Create index "serviceaccount_organizationId_createdAt_id" to table: "serviceAccount"
CREATE INDEX "serviceaccount_organizationId_createdAt_id" ON "serviceAccount" ("organizationId", "createdAt", "id");
-- Modify "session" table
ALTER TABLE "session" ADD COLUMN "activeOrganizationId" character varying NULL, ADD COLUMN "activeTeamId" character varying NULL;
-- Create "organization" table
CREATE TABLE "organization" ("id" character varying NOT NULL, "name" character varying NOT NULL, "slug" character varying NOT NULL, "logo" text NULL, "createdAt" timestamptz NOT NULL, "metadata" text NULL, "additionalFields" jsonb NULL, "memberLimit" bigint NULL, PRIMARY KEY ("id"));
-- Create index "organization_createdAt_id" to table: "organization"
CREATE INDEX "organization_createdAt_id" ON "organization" ("createdAt", "id");
-- Create index "organization_name_id" to table: "organization"
CREATE INDEX "organization_name_id" ON "organization" ("name", "id");
-- Create index "organization_slug_key" to table: "organization"
CREATE UNIQUE INDEX "organization_slug_key" ON "organization" ("slug");
-- Create "invitation" table
CREATE TABLE "invitation" ("id" character varying NOT NULL, "email" character varying NOT NULL, "role" character varying NULL, "teamId" text NULL, "status" character varying NOT NULL DEFAULT 'pending', "expiresAt" timestamptz NOT NULL, "createdAt" timestamptz NOT NULL, "additionalFields" jsonb NULL, "mailed" boolean NOT NULL DEFAULT false, "sentAt" timestamptz NULL, "decidedAt" timestamptz NULL, "memberUntil" timestamptz NULL, "organizationId" character varying NOT NULL, "inviterId" character varying NULL, PRIMARY KEY ("id"), CONSTRAINT "invitation_organization_organization" FOREIGN KEY ("organizationId") REFERENCES "organization" ("id") ON UPDATE NO ACTION ON DELETE CASCADE, CONSTRAINT "invitation_user_inviter" FOREIGN KEY ("inviterId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "invitation_email" to table: "invitation"
CREATE INDEX "invitation_email" ON "invitation" ("email");
-- Create index "invitation_inviterId" to table: "invitation"
CREATE INDEX "invitation_inviterId" ON "invitation" ("inviterId");
-- Create index "invitation_organizationId_createdAt_id" to table: "invitation"
CREATE INDEX "invitation_organizationId_createdAt_id" ON "invitation" ("organizationId", "createdAt", "id");
-- Create index "invitation_organizationId_email" to table: "invitation"
CREATE INDEX "invitation_organizationId_email" ON "invitation" ("organizationId", "email");
-- Create index "invitation_organizationId_status_expiresAt" to table: "invitation"
CREATE INDEX "invitation_organizationId_status_expiresAt" ON "invitation" ("organizationId", "status", "expiresAt");
-- Create "joinRequest" table
CREATE TABLE "joinRequest" ("id" character varying NOT NULL, "email" character varying NOT NULL, "role" character varying NOT NULL, "createdAt" timestamptz NOT NULL, "organizationId" character varying NOT NULL, "userId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "joinRequest_organization_organization" FOREIGN KEY ("organizationId") REFERENCES "organization" ("id") ON UPDATE NO ACTION ON DELETE CASCADE, CONSTRAINT "joinRequest_user_user" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "joinrequest_organizationId_createdAt_id" to table: "joinRequest"
CREATE INDEX "joinrequest_organizationId_createdAt_id" ON "joinRequest" ("organizationId", "createdAt", "id");
-- Create index "joinrequest_organizationId_userId" to table: "joinRequest"
CREATE UNIQUE INDEX "joinrequest_organizationId_userId" ON "joinRequest" ("organizationId", "userId");
-- Create index "joinrequest_userId" to table: "joinRequest"
CREATE INDEX "joinrequest_userId" ON "joinRequest" ("userId");
-- Create "apikey" table
CREATE TABLE "apikey" ("id" character varying NOT NULL, "configId" character varying NOT NULL DEFAULT 'default', "name" character varying NULL, "start" character varying NULL, "referenceId" character varying NOT NULL, "prefix" character varying NULL, "key" character varying NOT NULL, "refillInterval" bigint NULL, "refillAmount" bigint NULL, "lastRefillAt" timestamptz NULL, "enabled" boolean NOT NULL DEFAULT true, "rateLimitEnabled" boolean NOT NULL DEFAULT true, "rateLimitTimeWindow" bigint NULL, "rateLimitMax" bigint NULL, "requestCount" bigint NOT NULL DEFAULT 0, "remaining" bigint NULL, "lastRequest" timestamptz NULL, "expiresAt" timestamptz NULL, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL, "permissions" text NULL, "metadata" text NULL, "ownerKind" character varying NOT NULL DEFAULT 'user', "organizationId" character varying NULL, "createdBy" character varying NOT NULL DEFAULT '', "lastAddress" character varying NOT NULL DEFAULT '', "rotatedTo" character varying NULL, "warnedAt" timestamptz NULL, PRIMARY KEY ("id"));
-- Create index "apikey_configId" to table: "apikey"
CREATE INDEX "apikey_configId" ON "apikey" ("configId");
-- Create index "apikey_createdAt_id" to table: "apikey"
CREATE INDEX "apikey_createdAt_id" ON "apikey" ("createdAt", "id");
-- Create index "apikey_expiresAt" to table: "apikey"
CREATE INDEX "apikey_expiresAt" ON "apikey" ("expiresAt");
-- Create index "apikey_key_key" to table: "apikey"
CREATE UNIQUE INDEX "apikey_key_key" ON "apikey" ("key");
-- Create index "apikey_lastRequest_id" to table: "apikey"
CREATE INDEX "apikey_lastRequest_id" ON "apikey" ("lastRequest", "id");
-- Create index "apikey_organizationId_createdAt_id" to table: "apikey"
CREATE INDEX "apikey_organizationId_createdAt_id" ON "apikey" ("organizationId", "createdAt", "id");
-- Create index "apikey_referenceId_createdAt_id" to table: "apikey"
CREATE INDEX "apikey_referenceId_createdAt_id" ON "apikey" ("referenceId", "createdAt", "id");
-- Create "keyUsage" table
CREATE TABLE "keyUsage" ("id" character varying NOT NULL, "organizationId" character varying NULL, "day" character varying NOT NULL, "allowed" bigint NOT NULL DEFAULT 0, "refused" bigint NOT NULL DEFAULT 0, "keyId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "keyUsage_apikey_key" FOREIGN KEY ("keyId") REFERENCES "apikey" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "keyusage_day" to table: "keyUsage"
CREATE INDEX "keyusage_day" ON "keyUsage" ("day");
-- Create index "keyusage_keyId_day" to table: "keyUsage"
CREATE UNIQUE INDEX "keyusage_keyId_day" ON "keyUsage" ("keyId", "day");
-- Create "member" table
CREATE TABLE "member" ("id" character varying NOT NULL, "role" character varying NOT NULL DEFAULT 'member', "createdAt" timestamptz NOT NULL, "additionalFields" jsonb NULL, "startsAt" timestamptz NULL, "endsAt" timestamptz NULL, "userName" character varying NOT NULL DEFAULT '', "userEmail" character varying NOT NULL DEFAULT '', "organizationId" character varying NOT NULL, "userId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "member_organization_organization" FOREIGN KEY ("organizationId") REFERENCES "organization" ("id") ON UPDATE NO ACTION ON DELETE CASCADE, CONSTRAINT "member_user_user" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "member_endsAt" to table: "member"
CREATE INDEX "member_endsAt" ON "member" ("endsAt");
-- Create index "member_organizationId_createdAt_id" to table: "member"
CREATE INDEX "member_organizationId_createdAt_id" ON "member" ("organizationId", "createdAt", "id");
-- Create index "member_organizationId_role_createdAt_id" to table: "member"
CREATE INDEX "member_organizationId_role_createdAt_id" ON "member" ("organizationId", "role", "createdAt", "id");
-- Create index "member_organizationId_userId" to table: "member"
CREATE UNIQUE INDEX "member_organizationId_userId" ON "member" ("organizationId", "userId");
-- Create index "member_organizationId_userName_userEmail_id" to table: "member"
CREATE INDEX "member_organizationId_userName_userEmail_id" ON "member" ("organizationId", "userName", "userEmail", "id");
-- Create index "member_userId" to table: "member"
CREATE INDEX "member_userId" ON "member" ("userId");
-- Create "memberRole" table
CREATE TABLE "memberRole" ("id" character varying NOT NULL, "organizationId" character varying NOT NULL, "role" character varying NOT NULL, "startsAt" timestamptz NULL, "endsAt" timestamptz NULL, "grantedBy" character varying NOT NULL DEFAULT '', "createdAt" timestamptz NOT NULL, "memberId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "memberRole_member_member" FOREIGN KEY ("memberId") REFERENCES "member" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "memberrole_endsAt" to table: "memberRole"
CREATE INDEX "memberrole_endsAt" ON "memberRole" ("endsAt");
-- Create index "memberrole_memberId" to table: "memberRole"
CREATE INDEX "memberrole_memberId" ON "memberRole" ("memberId");
-- Create index "memberrole_organizationId_role" to table: "memberRole"
CREATE INDEX "memberrole_organizationId_role" ON "memberRole" ("organizationId", "role");
-- Create "organizationDomain" table
CREATE TABLE "organizationDomain" ("id" character varying NOT NULL, "domain" character varying NOT NULL, "token" character varying NOT NULL, "verifiedDomain" character varying NULL, "verifiedAt" timestamptz NULL, "verifiedBy" character varying NOT NULL DEFAULT '', "joining" character varying NOT NULL DEFAULT 'approval', "role" character varying NOT NULL DEFAULT 'member', "checkedAt" timestamptz NULL, "checkError" text NOT NULL, "createdBy" character varying NOT NULL DEFAULT '', "createdAt" timestamptz NOT NULL, "organizationId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "organizationDomain_organization_organization" FOREIGN KEY ("organizationId") REFERENCES "organization" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "organizationDomain_verifiedDomain_key" to table: "organizationDomain"
CREATE UNIQUE INDEX "organizationDomain_verifiedDomain_key" ON "organizationDomain" ("verifiedDomain");
-- Create index "organizationdomain_domain" to table: "organizationDomain"
CREATE INDEX "organizationdomain_domain" ON "organizationDomain" ("domain");
-- Create index "organizationdomain_organizationId_domain" to table: "organizationDomain"
CREATE UNIQUE INDEX "organizationdomain_organizationId_domain" ON "organizationDomain" ("organizationId", "domain");
-- Create "organizationRole" table
CREATE TABLE "organizationRole" ("id" character varying NOT NULL, "role" character varying NOT NULL, "permission" text NOT NULL, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NULL, "additionalFields" jsonb NULL, "description" character varying NOT NULL DEFAULT '', "organizationId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "organizationRole_organization_organization" FOREIGN KEY ("organizationId") REFERENCES "organization" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "organizationrole_organizationId_role" to table: "organizationRole"
CREATE UNIQUE INDEX "organizationrole_organizationId_role" ON "organizationRole" ("organizationId", "role");
-- Create "team" table
CREATE TABLE "team" ("id" character varying NOT NULL, "name" character varying NOT NULL, "memberCount" bigint NOT NULL DEFAULT 0, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NULL, "additionalFields" jsonb NULL, "organizationId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "team_organization_organization" FOREIGN KEY ("organizationId") REFERENCES "organization" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "team_organizationId_createdAt_id" to table: "team"
CREATE INDEX "team_organizationId_createdAt_id" ON "team" ("organizationId", "createdAt", "id");
-- Create index "team_organizationId_name_id" to table: "team"
CREATE INDEX "team_organizationId_name_id" ON "team" ("organizationId", "name", "id");
-- Create "teamMember" table
CREATE TABLE "teamMember" ("id" character varying NOT NULL, "membershipKey" character varying NULL, "createdAt" timestamptz NULL, "organizationId" character varying NOT NULL, "teamId" character varying NOT NULL, "userId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "teamMember_team_team" FOREIGN KEY ("teamId") REFERENCES "team" ("id") ON UPDATE NO ACTION ON DELETE CASCADE, CONSTRAINT "teamMember_user_user" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "teamMember_membershipKey_key" to table: "teamMember"
CREATE UNIQUE INDEX "teamMember_membershipKey_key" ON "teamMember" ("membershipKey");
-- Create index "teammember_organizationId_userId" to table: "teamMember"
CREATE INDEX "teammember_organizationId_userId" ON "teamMember" ("organizationId", "userId");
-- Create index "teammember_teamId_userId" to table: "teamMember"
CREATE UNIQUE INDEX "teammember_teamId_userId" ON "teamMember" ("teamId", "userId");
-- Create index "teammember_userId" to table: "teamMember"
CREATE INDEX "teammember_userId" ON "teamMember" ("userId");
-- Create "timedRole" table
CREATE TABLE "timedRole" ("id" character varying NOT NULL, "role" character varying NOT NULL, "startsAt" timestamptz NULL, "endsAt" timestamptz NULL, "grantedBy" character varying NOT NULL DEFAULT '', "createdAt" timestamptz NOT NULL, "userId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "timedRole_user_user" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "timedrole_endsAt" to table: "timedRole"
CREATE INDEX "timedrole_endsAt" ON "timedRole" ("endsAt");
-- Create index "timedrole_role" to table: "timedRole"
CREATE INDEX "timedrole_role" ON "timedRole" ("role");
-- Create index "timedrole_userId" to table: "timedRole"
CREATE INDEX "timedrole_userId" ON "timedRole" ("userId");
