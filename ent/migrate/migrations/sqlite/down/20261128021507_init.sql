-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- drop "account" table
DROP TABLE `account`;
-- drop "attempt" table
DROP TABLE `attempt`;
-- drop "delivery" table
DROP TABLE `delivery`;
-- drop "event" table
DROP TABLE `event`;
-- drop "job" table
DROP TABLE `job`;
-- drop "outboxMessage" table
DROP TABLE `outboxMessage`;
-- drop "platformInvitation" table
DROP TABLE `platformInvitation`;
-- drop "rateLimit" table
DROP TABLE `rateLimit`;
-- drop "session" table
DROP TABLE `session`;
-- drop "setting" table
DROP TABLE `setting`;
-- drop "user" table
DROP TABLE `user`;
-- drop "verification" table
DROP TABLE `verification`;
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
