-- case: room for a few
-- limits: per_minute=0 min_days=0 share=0
-- expect: setting table_open_cache low
SET GLOBAL table_open_cache = 10;
CREATE TABLE a (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 8;
CREATE TABLE b LIKE a;
CREATE TABLE c LIKE a;
CREATE TABLE d (id int PRIMARY KEY);
CREATE TABLE e LIKE d;
CREATE TABLE f LIKE d;
CREATE TABLE g LIKE d;
CREATE TABLE h LIKE d;
CREATE TABLE i LIKE d;
CREATE TABLE j LIKE d;
CREATE TABLE k LIKE d;
CREATE TABLE l LIKE d;
-- repeat: 3
SELECT 1 FROM a, b, c, d, e, f, g, h, i, j, k, l;

-- case: counted for too short a time
-- expect not-assessed
-- innocent: a server that has just been started
SELECT 1;
