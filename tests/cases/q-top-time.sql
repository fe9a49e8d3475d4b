-- case: one heavy statement
-- own server
-- limits: busy_ms=1
-- expect: query * high
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g::bigint AS a FROM generate_series(1, 100000) g;
SELECT pg_stat_statements_reset();
-- repeat: 30
SELECT sum(x.a * y.a) FROM t x JOIN t y USING (a);
-- repeat: 5
SELECT 1 FROM t LIMIT 1;

-- case: hardly any load
-- own server
-- innocent: a share of next to nothing
-- expect passed
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g::bigint AS a FROM generate_series(1, 1000) g;
SELECT pg_stat_statements_reset();
-- repeat: 30
SELECT sum(x.a * y.a) FROM t x JOIN t y USING (a);

-- case: counting has just begun
-- own server
-- expect: query * low
-- innocent: one long statement of a load
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g::bigint AS a FROM generate_series(1, 300000) g;
SELECT pg_stat_statements_reset();
INSERT INTO t SELECT g FROM generate_series(1, 700000) g;
-- repeat: 30
SELECT sum(x.a * y.a) FROM t x JOIN t y USING (a);
