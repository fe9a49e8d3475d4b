-- case: a sort that does not fit
-- own server
-- expect: query * medium
CREATE EXTENSION pg_stat_statements;
SET work_mem = '64kB';
CREATE TABLE t AS SELECT g, md5(g::text) AS h, repeat('x', 50) AS pad FROM generate_series(1, 100000) g;
SELECT pg_stat_statements_reset();
-- repeat: 5
SELECT * FROM t ORDER BY h OFFSET 99999;

-- case: a sort in memory
-- own server
-- innocent: it fits
-- expect passed
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g, md5(g::text) AS h FROM generate_series(1, 1000) g;
SELECT pg_stat_statements_reset();
-- repeat: 5
SELECT * FROM t ORDER BY h;
