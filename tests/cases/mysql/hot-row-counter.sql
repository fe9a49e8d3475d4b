-- case: one row that everybody changes
-- limits: rows=3 per_row_and_minute=0.01 min_days=0
-- expect: table shop.counter
CREATE TABLE counter (name varchar(10) PRIMARY KEY, n int);
INSERT INTO counter VALUES ('visits', 0);
-- repeat: 60
UPDATE counter SET n = n + 1 WHERE name = 'visits';
-- innocent: rows that nobody changes
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t VALUES (1, 1), (2, 2);

-- case: userstat does not tell updates from other writes
-- engine: mariadb
-- server: performance_schema=OFF userstat=ON
-- limits: rows=3 per_row_and_minute=0.01 min_days=0
-- expect not-assessed
CREATE TABLE counter (name varchar(10) PRIMARY KEY, n int);
INSERT INTO counter VALUES ('visits', 0);
-- repeat: 60
UPDATE counter SET n = n + 1 WHERE name = 'visits';
