-- case: counts of a whole table
-- limits: mean_ms=0.1 calls=5
-- expect: query * low likely
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g AS id, g % 7 AS kind FROM generate_series(1, 50000) g;
CREATE INDEX ON t (kind);
ANALYZE t;
-- repeat: 10
SELECT count(*) FROM t;
-- innocent: a part of it
-- repeat: 10
SELECT count(*) FROM t WHERE kind = 3;
-- innocent: a report by kind
-- repeat: 10
SELECT kind, count(*) FROM t GROUP BY kind;
-- innocent: asked twice
CREATE TABLE u AS SELECT g AS id FROM generate_series(1, 50000) g;
-- repeat: 2
SELECT count(*) FROM u;

-- case: quick counts
-- innocent: a small table
-- expect passed
CREATE EXTENSION pg_stat_statements;
CREATE TABLE small AS SELECT g AS id FROM generate_series(1, 100) g;
-- repeat: 200
SELECT count(*) FROM small;
