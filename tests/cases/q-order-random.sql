-- case: one row by a random sort
-- limits: mean_ms=1 total_ms=5
-- expect: query * low likely
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g AS id, g % 7 AS kind FROM generate_series(1, 50000) g;
-- repeat: 5
SELECT id FROM t ORDER BY random() LIMIT 1;
-- innocent: a sample
-- repeat: 5
SELECT id FROM t TABLESAMPLE SYSTEM (1) LIMIT 1;
-- innocent: a random number that is no order
-- repeat: 5
SELECT id, random() FROM t ORDER BY id LIMIT 1;

-- case: a small table
-- innocent: nobody feels it
-- expect passed
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g AS id FROM generate_series(1, 50) g;
-- repeat: 20
SELECT id FROM t ORDER BY random() LIMIT 1;
