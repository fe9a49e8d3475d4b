-- case: everything, each time
-- own server
-- expect: query * medium
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g AS id FROM generate_series(1, 20000) g;
SELECT pg_stat_statements_reset();
-- repeat: 5
SELECT * FROM t;
-- innocent: a page, an aggregate, and an insert of many rows
-- repeat: 5
SELECT * FROM t WHERE id > 100 ORDER BY id LIMIT 50;
-- repeat: 5
SELECT count(*) FROM t;
-- repeat: 5
INSERT INTO t SELECT 0 FROM generate_series(1, 10000);
