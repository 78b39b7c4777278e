-- Create "attempt" table
CREATE TABLE "attempt" ("id" character varying NOT NULL, "key" character varying NOT NULL, "failures" bigint NOT NULL DEFAULT 0, "lastFailureAt" timestamptz NOT NULL, "blockedUntil" timestamptz NULL, PRIMARY KEY ("id"));
-- Create index "attempt_key_key" to table: "attempt"
CREATE UNIQUE INDEX "attempt_key_key" ON "attempt" ("key");
-- Create index "attempt_lastFailureAt" to table: "attempt"
CREATE INDEX "attempt_lastFailureAt" ON "attempt" ("lastFailureAt");
-- Create "delivery" table
CREATE TABLE "delivery" ("id" character varying NOT NULL, "sink" character varying NOT NULL, "eventId" character varying NOT NULL, "attempts" bigint NOT NULL DEFAULT 0, "nextAttemptAt" timestamptz NOT NULL, "lastError" text NOT NULL, "createdAt" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- Create index "delivery_eventId" to table: "delivery"
CREATE INDEX "delivery_eventId" ON "delivery" ("eventId");
-- Create index "delivery_nextAttemptAt" to table: "delivery"
CREATE INDEX "delivery_nextAttemptAt" ON "delivery" ("nextAttemptAt");
-- Create "event" table
CREATE TABLE "event" ("id" character varying NOT NULL, "kind" character varying NOT NULL, "occurredAt" timestamptz NOT NULL, "actorId" character varying NOT NULL DEFAULT '', "actorName" character varying NOT NULL DEFAULT '', "scheme" character varying NOT NULL DEFAULT '', "subjectType" character varying NOT NULL DEFAULT '', "subjectId" character varying NOT NULL DEFAULT '', "organizationId" character varying NULL, "sessionId" character varying NOT NULL DEFAULT '', "ipAddress" character varying NOT NULL DEFAULT '', "userAgent" text NOT NULL, "requestId" character varying NOT NULL DEFAULT '', "result" character varying NOT NULL DEFAULT '', "reason" text NOT NULL, "data" jsonb NULL, PRIMARY KEY ("id"));
-- Create index "event_actorId_occurredAt" to table: "event"
CREATE INDEX "event_actorId_occurredAt" ON "event" ("actorId", "occurredAt");
-- Create index "event_kind_occurredAt" to table: "event"
CREATE INDEX "event_kind_occurredAt" ON "event" ("kind", "occurredAt");
-- Create index "event_occurredAt_id" to table: "event"
CREATE INDEX "event_occurredAt_id" ON "event" ("occurredAt", "id");
-- Create index "event_organizationId_occurredAt" to table: "event"
CREATE INDEX "event_organizationId_occurredAt" ON "event" ("organizationId", "occurredAt");
-- Create index "event_subjectId_occurredAt" to table: "event"
CREATE INDEX "event_subjectId_occurredAt" ON "event" ("subjectId", "occurredAt");
-- Create "job" table
CREATE TABLE "job" ("id" character varying NOT NULL, "name" character varying NOT NULL, "leaseOwner" character varying NOT NULL DEFAULT '', "leaseUntil" timestamptz NULL, "lastStartedAt" timestamptz NULL, "lastFinishedAt" timestamptz NULL, "lastError" text NOT NULL, PRIMARY KEY ("id"));
-- Create index "job_name_key" to table: "job"
CREATE UNIQUE INDEX "job_name_key" ON "job" ("name");
-- Create "outboxMessage" table
CREATE TABLE "outboxMessage" ("id" character varying NOT NULL, "kind" character varying NOT NULL, "channel" character varying NOT NULL, "recipient" text NOT NULL, "subject" text NOT NULL, "body" text NOT NULL, "state" character varying NOT NULL DEFAULT 'queued', "attempts" bigint NOT NULL DEFAULT 0, "nextAttemptAt" timestamptz NOT NULL, "lastError" text NOT NULL, "expiresAt" timestamptz NULL, "createdAt" timestamptz NOT NULL, "sentAt" timestamptz NULL, PRIMARY KEY ("id"));
-- Create index "outboxmessage_createdAt" to table: "outboxMessage"
CREATE INDEX "outboxmessage_createdAt" ON "outboxMessage" ("createdAt");
-- Create index "outboxmessage_expiresAt" to table: "outboxMessage"
CREATE INDEX "outboxmessage_expiresAt" ON "outboxMessage" ("expiresAt");
-- Create index "outboxmessage_state_nextAttemptAt" to table: "outboxMessage"
CREATE INDEX "outboxmessage_state_nextAttemptAt" ON "outboxMessage" ("state", "nextAttemptAt");
-- Create "platformInvitation" table
CREATE TABLE "platformInvitation" ("id" character varying NOT NULL, "email" character varying NOT NULL, "name" character varying NOT NULL DEFAULT '', "role" character varying NOT NULL, "tokenHash" character varying NOT NULL, "inviterId" character varying NOT NULL, "createdAt" timestamptz NOT NULL, "expiresAt" timestamptz NOT NULL, "mailed" boolean NOT NULL DEFAULT false, "acceptedAt" timestamptz NULL, "acceptedUserId" character varying NULL, "cancelledAt" timestamptz NULL, PRIMARY KEY ("id"));
-- Create index "platformInvitation_tokenHash_key" to table: "platformInvitation"
CREATE UNIQUE INDEX "platformInvitation_tokenHash_key" ON "platformInvitation" ("tokenHash");
-- Create index "platforminvitation_createdAt" to table: "platformInvitation"
CREATE INDEX "platforminvitation_createdAt" ON "platformInvitation" ("createdAt");
-- Create index "platforminvitation_email" to table: "platformInvitation"
CREATE INDEX "platforminvitation_email" ON "platformInvitation" ("email");
-- Create "rateLimit" table
CREATE TABLE "rateLimit" ("id" character varying NOT NULL, "key" character varying NOT NULL, "count" bigint NOT NULL, "lastRequest" bigint NOT NULL, PRIMARY KEY ("id"));
-- Create index "rateLimit_key_key" to table: "rateLimit"
CREATE UNIQUE INDEX "rateLimit_key_key" ON "rateLimit" ("key");
-- Create index "ratelimit_lastRequest" to table: "rateLimit"
CREATE INDEX "ratelimit_lastRequest" ON "rateLimit" ("lastRequest");
-- Create "setting" table
CREATE TABLE "setting" ("id" character varying NOT NULL, "key" character varying NOT NULL, "value" text NOT NULL, "updatedAt" timestamptz NOT NULL, "updatedBy" character varying NULL, PRIMARY KEY ("id"));
-- Create index "setting_key_key" to table: "setting"
CREATE UNIQUE INDEX "setting_key_key" ON "setting" ("key");
-- Create "user" table
CREATE TABLE "user" ("id" character varying NOT NULL, "role" character varying NULL, "banned" boolean NULL DEFAULT false, "banReason" text NULL, "banExpires" timestamptz NULL, "name" character varying NOT NULL, "email" character varying NOT NULL, "emailVerified" boolean NOT NULL DEFAULT false, "image" text NULL, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL, "additionalFields" jsonb NULL, PRIMARY KEY ("id"));
-- Create index "user_banned_createdAt_id" to table: "user"
CREATE INDEX "user_banned_createdAt_id" ON "user" ("banned", "createdAt", "id");
-- Create index "user_createdAt_id" to table: "user"
CREATE INDEX "user_createdAt_id" ON "user" ("createdAt", "id");
-- Create index "user_email_key" to table: "user"
CREATE UNIQUE INDEX "user_email_key" ON "user" ("email");
-- Create index "user_name_id" to table: "user"
CREATE INDEX "user_name_id" ON "user" ("name", "id");
-- Create index "user_role_createdAt_id" to table: "user"
CREATE INDEX "user_role_createdAt_id" ON "user" ("role", "createdAt", "id");
-- Create "verification" table
CREATE TABLE "verification" ("id" character varying NOT NULL, "identifier" character varying NOT NULL, "value" text NOT NULL, "expiresAt" timestamptz NOT NULL, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL, "subject" character varying NULL, "purpose" character varying NOT NULL DEFAULT '', "reservation" character varying NULL, PRIMARY KEY ("id"));
-- Create index "verification_expiresAt" to table: "verification"
CREATE INDEX "verification_expiresAt" ON "verification" ("expiresAt");
-- Create index "verification_identifier" to table: "verification"
CREATE INDEX "verification_identifier" ON "verification" ("identifier");
-- Create index "verification_reservation_key" to table: "verification"
CREATE UNIQUE INDEX "verification_reservation_key" ON "verification" ("reservation");
-- Create index "verification_subject" to table: "verification"
CREATE INDEX "verification_subject" ON "verification" ("subject");
-- Create "account" table
CREATE TABLE "account" ("id" character varying NOT NULL, "accountId" character varying NOT NULL, "providerId" character varying NOT NULL, "accessToken" text NULL, "refreshToken" text NULL, "idToken" text NULL, "accessTokenExpiresAt" timestamptz NULL, "refreshTokenExpiresAt" timestamptz NULL, "scope" text NULL, "password" text NULL, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL, "additionalFields" jsonb NULL, "userId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "account_user_accounts" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "account_providerId_accountId" to table: "account"
CREATE UNIQUE INDEX "account_providerId_accountId" ON "account" ("providerId", "accountId");
-- Create index "account_userId" to table: "account"
CREATE INDEX "account_userId" ON "account" ("userId");
-- Create "session" table
CREATE TABLE "session" ("id" character varying NOT NULL, "impersonatedBy" character varying NULL, "expiresAt" timestamptz NOT NULL, "token" character varying NOT NULL, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL, "ipAddress" character varying NULL, "userAgent" text NULL, "additionalFields" jsonb NULL, "authenticatedAt" timestamptz NOT NULL, "amr" character varying NOT NULL DEFAULT '', "absoluteExpiresAt" timestamptz NULL, "remembered" boolean NOT NULL DEFAULT true, "lastSeenAt" timestamptz NULL, "userId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "session_user_sessions" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "session_expiresAt" to table: "session"
CREATE INDEX "session_expiresAt" ON "session" ("expiresAt");
-- Create index "session_token_key" to table: "session"
CREATE UNIQUE INDEX "session_token_key" ON "session" ("token");
-- Create index "session_userId" to table: "session"
CREATE INDEX "session_userId" ON "session" ("userId");
