-- case: mostly quick, sometimes not
-- own server
-- limits: slow_ms=50 min_calls=50 min_share=0
-- expect: query * low
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 10) g;
CREATE FUNCTION wait(n float) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(n); RETURN 1; END $$;
SELECT pg_stat_statements_reset();
-- repeat: 100
SELECT a FROM t WHERE wait(0.0) = 1 LIMIT 1;
SELECT a FROM t WHERE wait(0.3) = 1 LIMIT 1;

-- case: steady
-- own server
-- limits: slow_ms=50 min_calls=50 min_share=0
-- innocent: a tenth of a millisecond, each time
-- expect passed
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 10) g;
SELECT pg_stat_statements_reset();
-- repeat: 100
SELECT a FROM t LIMIT 1;
