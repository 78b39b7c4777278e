-- modify "member" table
ALTER TABLE `member` DROP INDEX `member_organizationId_startsAt_endsAt`;
