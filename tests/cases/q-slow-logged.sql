-- case: the log alone tells what is slow
-- slow log
-- server: log_min_duration_statement=0
-- limits: mean_ms=10 min_calls=5
-- expect: query * medium
CREATE TABLE t AS SELECT g::bigint AS a FROM generate_series(1, 100000) g;
-- repeat: 6
SELECT sum(x.a * y.a) FROM t x JOIN t y USING (a) WHERE x.a > 5;
-- innocent: quick and frequent
-- repeat: 25
SELECT a FROM t LIMIT 1;
-- innocent: slow and rare
SELECT count(*) FROM t, generate_series(1, 10);

-- case: the statistics of statements say it already
-- slow log
-- server: log_min_duration_statement=0
-- limits: mean_ms=10 min_calls=5
-- expect not-applicable
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g::bigint AS a FROM generate_series(1, 100000) g;
-- repeat: 6
SELECT sum(x.a * y.a) FROM t x JOIN t y USING (a) WHERE x.a > 5;
