-- case: a table without any key
-- expect: table shop.event_log medium
CREATE TABLE event_log (at datetime NOT NULL, what varchar(100));

-- case: a unique key over a column that may be null names no row
-- expect: table shop.coupon
CREATE TABLE coupon (code varchar(20) UNIQUE, percent int);

-- case: a unique key over mandatory columns is what InnoDB stores the rows by
-- expect: table shop.setting low
CREATE TABLE setting (name varchar(50) NOT NULL UNIQUE, value varchar(100));

-- case: keys everywhere
-- expect passed
CREATE TABLE customer (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY);
-- innocent: a table with partitions has its key over all of them
CREATE TABLE reading (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at))
  PARTITION BY RANGE COLUMNS (at) (PARTITION p0 VALUES LESS THAN ('2026-01-01'), PARTITION p1 VALUES LESS THAN MAXVALUE);
-- innocent: a view is no table
CREATE VIEW names AS SELECT 1 AS one;

-- case: an account that sees nothing is told so
-- as: nobody
-- expect not-assessed
CREATE TABLE t (a int);

-- case: an account that may read the database judges it
-- as: SELECT ON shop.*; SHOW VIEW ON shop.*
-- expect: table shop.t
CREATE TABLE t (a int);
