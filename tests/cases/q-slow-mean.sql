-- case: slow and frequent
-- own server
-- limits: mean_ms=5
-- expect: query * medium
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g::bigint AS a FROM generate_series(1, 100000) g;
SELECT pg_stat_statements_reset();
-- repeat: 25
SELECT sum(x.a * y.a) FROM t x JOIN t y USING (a);
-- innocent: quick and frequent
-- repeat: 25
SELECT a FROM t LIMIT 1;
