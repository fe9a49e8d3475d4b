-- case: more shapes than room
-- own server
-- server: shared_preload_libraries=pg_stat_statements pg_stat_statements.max=100 pg_stat_statements.track=all
-- limits: rounds=1
-- expect: setting pg_stat_statements.max low
CREATE EXTENSION pg_stat_statements;
DO $$ BEGIN FOR i IN 1..400 LOOP EXECUTE format('SELECT 1 AS c%s', i); EXECUTE format('CREATE TEMP TABLE t%s (a int)', i); EXECUTE format('SELECT * FROM t%s', i); END LOOP; END $$;

-- case: room for all
-- innocent: nothing was dropped
-- expect passed
CREATE EXTENSION pg_stat_statements;
