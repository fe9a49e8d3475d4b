-- case: many partitions, none pruned before execution
-- own server
-- server: shared_preload_libraries=pg_stat_statements pg_stat_statements.track_planning=on
-- limits: min_calls=5 min_plan_ms=0.1
-- expect: query * low
CREATE EXTENSION pg_stat_statements;
CREATE TABLE p (a int, b int) PARTITION BY LIST (a);
DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('CREATE TABLE p_%s PARTITION OF p FOR VALUES IN (%s)', i, i); END LOOP; END $$;
SELECT pg_stat_statements_reset();
-- repeat: 10
SELECT * FROM p WHERE b = 1 LIMIT 0;

-- case: planning is not measured
-- own server
-- innocent: nothing can be said
-- expect not-assessed
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t (a int);
-- repeat: 10
SELECT * FROM t;
