-- Create index "event_requestId" to table: "event"
CREATE INDEX "event_requestId" ON "event" ("requestId");
-- Modify "session" table
ALTER TABLE "session" ADD COLUMN "impersonationWrites" boolean NOT NULL DEFAULT false;
-- Create index "session_createdAt_id" to table: "session"
CREATE INDEX "session_createdAt_id" ON "session" ("createdAt", "id");
-- Modify "user" table
ALTER TABLE "user" ADD COLUMN "adminNote" text NULL, ADD COLUMN "adminMetadata" jsonb NULL, ADD COLUMN "passwordTemporary" boolean NOT NULL DEFAULT false;
-- Create "messageText" table
CREATE TABLE "messageText" ("id" character varying NOT NULL, "kind" character varying NOT NULL, "language" character varying NOT NULL, "subject" text NOT NULL, "body" text NOT NULL, "updatedAt" timestamptz NOT NULL, "updatedBy" character varying NULL, PRIMARY KEY ("id"));
-- Create index "messagetext_kind_language" to table: "messageText"
CREATE UNIQUE INDEX "messagetext_kind_language" ON "messageText" ("kind", "language");
-- Modify "attempt" table
ALTER TABLE "attempt" ADD COLUMN "identifier" text NULL, ADD COLUMN "ipAddress" character varying NOT NULL DEFAULT '', ADD COLUMN "userId" character varying NULL, ADD CONSTRAINT "attempt_user_user" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE;
-- Create index "attempt_blockedUntil_id" to table: "attempt"
CREATE INDEX "attempt_blockedUntil_id" ON "attempt" ("blockedUntil", "id");
-- Create "device" table
CREATE TABLE "device" ("id" character varying NOT NULL, "key" character varying NOT NULL, "ipAddress" character varying NOT NULL DEFAULT '', "userAgent" text NOT NULL, "createdAt" timestamptz NOT NULL, "lastSeenAt" timestamptz NOT NULL, "userId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "device_user_user" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "device_lastSeenAt" to table: "device"
CREATE INDEX "device_lastSeenAt" ON "device" ("lastSeenAt");
-- Create index "device_userId_key" to table: "device"
CREATE UNIQUE INDEX "device_userId_key" ON "device" ("userId", "key");
-- Create "preference" table
CREATE TABLE "preference" ("id" character varying NOT NULL, "name" character varying NOT NULL, "value" text NOT NULL, "updatedAt" timestamptz NOT NULL, "userId" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "preference_user_user" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "preference_userId_name" to table: "preference"
CREATE UNIQUE INDEX "preference_userId_name" ON "preference" ("userId", "name");
-- Create "task" table
CREATE TABLE "task" ("id" character varying NOT NULL, "kind" character varying NOT NULL, "state" character varying NOT NULL DEFAULT 'waiting', "input" text NOT NULL, "total" bigint NOT NULL DEFAULT 0, "done" bigint NOT NULL DEFAULT 0, "skipped" text NOT NULL, "createdAt" timestamptz NOT NULL, "leaseUntil" timestamptz NULL, "finishedAt" timestamptz NULL, "createdBy" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "task_user_user" FOREIGN KEY ("createdBy") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "task_createdBy_createdAt" to table: "task"
CREATE INDEX "task_createdBy_createdAt" ON "task" ("createdBy", "createdAt");
-- Create index "task_state_createdAt" to table: "task"
CREATE INDEX "task_state_createdAt" ON "task" ("state", "createdAt");
-- Create "upload" table
CREATE TABLE "upload" ("id" character varying NOT NULL, "purpose" character varying NOT NULL, "mediaType" character varying NOT NULL, "data" bytea NOT NULL, "createdAt" timestamptz NOT NULL, "ownerId" character varying NULL, PRIMARY KEY ("id"), CONSTRAINT "upload_user_owner" FOREIGN KEY ("ownerId") REFERENCES "user" ("id") ON UPDATE NO ACTION ON DELETE CASCADE);
-- Create index "upload_ownerId_purpose" to table: "upload"
CREATE INDEX "upload_ownerId_purpose" ON "upload" ("ownerId", "purpose");
