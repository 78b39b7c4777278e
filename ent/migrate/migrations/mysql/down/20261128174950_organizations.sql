-- modify "session" table
ALTER TABLE `session` DROP COLUMN `activeOrganizationId`, DROP COLUMN `activeTeamId`;
-- drop "serviceAccount" table
DROP TABLE `serviceAccount`;
-- drop "timedRole" table
DROP TABLE `timedRole`;
-- drop "keyUsage" table
DROP TABLE `keyUsage`;
-- drop "apikey" table
DROP TABLE `apikey`;
-- drop "memberRole" table
DROP TABLE `memberRole`;
-- drop "member" table
DROP TABLE `member`;
-- drop "invitation" table
DROP TABLE `invitation`;
-- drop "joinRequest" table
DROP TABLE `joinRequest`;
-- drop "organizationDomain" table
DROP TABLE `organizationDomain`;
-- drop "organizationRole" table
DROP TABLE `organizationRole`;
-- drop "teamMember" table
DROP TABLE `teamMember`;
-- drop "team" table
DROP TABLE `team`;
-- drop "organization" table
DROP TABLE `organization`;
