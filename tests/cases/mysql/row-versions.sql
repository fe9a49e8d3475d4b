-- case: changed instantly, again and again
-- engine: mysql
-- limits: share=0.01
-- expect: table shop.changed
CREATE TABLE changed (id int PRIMARY KEY);
ALTER TABLE changed ADD COLUMN a int, ALGORITHM = INSTANT;
ALTER TABLE changed ADD COLUMN b int, ALGORITHM = INSTANT;
ALTER TABLE changed ADD COLUMN c int, ALGORITHM = INSTANT;
-- innocent: rebuilt since
CREATE TABLE `re built` (id int PRIMARY KEY);
ALTER TABLE `re built` ADD COLUMN a int, ALGORITHM = INSTANT;
ALTER TABLE `re built` ADD COLUMN b int, ALGORITHM = INSTANT;
ALTER TABLE `re built` ADD COLUMN c int, ALGORITHM = INSTANT;
ALTER TABLE `re built` FORCE;

-- case: a name that the file system spells otherwise
-- engine: mysql
-- limits: share=0.01
-- expect: table "shop.an odd-name$"
CREATE TABLE `an odd-name$` (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2;
ALTER TABLE `an odd-name$` ADD COLUMN a int, ALGORITHM = INSTANT;
ALTER TABLE `an odd-name$` ADD COLUMN b int, ALGORITHM = INSTANT;
ALTER TABLE `an odd-name$` ADD COLUMN c int, ALGORITHM = INSTANT;

-- case: a product without such a limit
-- engine: mariadb
-- expect not-applicable
CREATE TABLE t (id int PRIMARY KEY);
