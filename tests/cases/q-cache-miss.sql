-- case: a table larger than the cache, read again and again
-- own server
-- server: shared_buffers=1MB
-- limits: min_blocks=500
-- expect: query *
CREATE EXTENSION pg_stat_statements;
CREATE TABLE big AS SELECT g, repeat('x', 500) AS pad FROM generate_series(1, 40000) g;
SELECT pg_stat_statements_reset();
-- repeat: 12
SELECT count(*) FROM big;

-- case: a table in the cache
-- own server
-- limits: min_blocks=500
-- innocent: read just as often
-- expect passed
CREATE EXTENSION pg_stat_statements;
CREATE TABLE big AS SELECT g, repeat('x', 500) AS pad FROM generate_series(1, 40000) g;
SELECT count(*) FROM big;
SELECT pg_stat_statements_reset();
-- repeat: 12
SELECT count(*) FROM big;
