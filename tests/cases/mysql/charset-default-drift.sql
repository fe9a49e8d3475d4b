-- case: a table from another default
-- expect: schema shop
CREATE TABLE customer (id int PRIMARY KEY, name varchar(50)) COLLATE utf8mb4_unicode_ci;
CREATE TABLE orders (id int PRIMARY KEY, note varchar(50)) COLLATE utf8mb4_unicode_ci;
CREATE TABLE legacy (id int PRIMARY KEY, note varchar(50)) CHARACTER SET latin1;

-- case: one default, and what was chosen
-- expect passed
CREATE TABLE customer (id int PRIMARY KEY, name varchar(50)) COLLATE utf8mb4_unicode_ci;
-- innocent: tokens are compared as bytes
CREATE TABLE token (id int PRIMARY KEY, value varchar(50)) COLLATE utf8mb4_bin;
-- innocent: no texts in it
CREATE TABLE counter (id int PRIMARY KEY, n int) CHARACTER SET latin1;
