-- Modify "member" table
ALTER TABLE `member` ADD INDEX `member_organizationId_startsAt_endsAt` (`organizationId`, `startsAt`, `endsAt`);
