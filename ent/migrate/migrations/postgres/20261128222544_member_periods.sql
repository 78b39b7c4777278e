-- Create index "member_organizationId_startsAt_endsAt" to table: "member"
CREATE INDEX "member_organizationId_startsAt_endsAt" ON "member" ("organizationId", "startsAt", "endsAt");
