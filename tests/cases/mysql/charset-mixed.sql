-- case: one table is otherwise
-- expect: database shop low
CREATE TABLE a (id int PRIMARY KEY, name varchar(10)) COLLATE utf8mb4_general_ci;
CREATE TABLE b (id int PRIMARY KEY, name varchar(10)) COLLATE utf8mb4_general_ci;
CREATE TABLE c (id int PRIMARY KEY, name varchar(10)) COLLATE utf8mb4_unicode_ci;

-- case: one collation
-- expect passed
CREATE TABLE a (id int PRIMARY KEY, name varchar(10)) COLLATE utf8mb4_general_ci;
CREATE TABLE b (id int PRIMARY KEY, name varchar(10)) COLLATE utf8mb4_general_ci;
-- innocent: tokens are compared by their bytes
CREATE TABLE token (id int PRIMARY KEY, token char(40)) COLLATE utf8mb4_bin;
-- innocent: no texts in it
CREATE TABLE counter (id int PRIMARY KEY, n int) CHARACTER SET latin1;
-- innocent: codes
CREATE TABLE country (id int PRIMARY KEY, code char(2)) CHARACTER SET ascii;
