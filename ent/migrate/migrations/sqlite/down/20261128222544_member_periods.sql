-- drop index "member_organizationId_startsAt_endsAt" from table: "member"
DROP INDEX `member_organizationId_startsAt_endsAt`;
