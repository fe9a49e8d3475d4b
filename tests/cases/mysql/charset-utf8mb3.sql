-- case: three bytes
-- expect: table shop.customer medium
CREATE TABLE customer (id int PRIMARY KEY, name varchar(40) CHARACTER SET utf8mb3, note text);
-- innocent: four bytes
CREATE TABLE orders (id int PRIMARY KEY, note varchar(40) CHARACTER SET utf8mb4);
-- innocent: another character set altogether
CREATE TABLE code (id int PRIMARY KEY, code char(4) CHARACTER SET ascii);

-- case: tables may not be seen
-- as: nobody
-- expect not-assessed
CREATE TABLE t (id int PRIMARY KEY);
