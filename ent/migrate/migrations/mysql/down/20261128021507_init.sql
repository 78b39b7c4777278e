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
-- drop "setting" table
DROP TABLE `setting`;
-- drop "verification" table
DROP TABLE `verification`;
-- drop "session" table
DROP TABLE `session`;
-- drop "user" table
DROP TABLE `user`;
