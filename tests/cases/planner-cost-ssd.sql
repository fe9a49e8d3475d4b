-- case: quick reads at the built-in cost
-- own server
-- server: shared_buffers=1MB shared_preload_libraries=pg_stat_statements track_io_timing=on
-- limits: blocks=1000 quick_ms=5
-- expect: setting random_page_cost low
CREATE EXTENSION pg_stat_statements;
CREATE TABLE big AS SELECT g, repeat('x', 500) AS pad FROM generate_series(1, 40000) g;
SELECT pg_stat_statements_reset();
-- repeat: 5
SELECT count(*) FROM big;

-- case: the cost was lowered
-- own server
-- server: shared_buffers=1MB shared_preload_libraries=pg_stat_statements track_io_timing=on random_page_cost=1.1
-- limits: blocks=1000 quick_ms=5
-- innocent: somebody has thought of it
-- expect passed
CREATE EXTENSION pg_stat_statements;
CREATE TABLE big AS SELECT g, repeat('x', 500) AS pad FROM generate_series(1, 40000) g;
SELECT pg_stat_statements_reset();
-- repeat: 5
SELECT count(*) FROM big;

-- case: nothing was timed
-- innocent: a fresh server tells nothing about its disk
-- expect not-assessed
CREATE EXTENSION pg_stat_statements;
