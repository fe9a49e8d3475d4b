-- case: deep pages
-- own server
-- limits: min_mean_ms=0.5
-- expect: query * low
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g AS id, repeat('x', 200) AS pad FROM generate_series(1, 50000) g;
CREATE INDEX ON t (id);
SELECT pg_stat_statements_reset();
-- repeat: 10
SELECT * FROM t ORDER BY id LIMIT 20 OFFSET 40000;

-- case: pages by key
-- own server
-- limits: min_mean_ms=0.5
-- innocent: the index is entered at the key
-- expect passed
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t AS SELECT g AS id, repeat('x', 200) AS pad FROM generate_series(1, 50000) g;
CREATE INDEX ON t (id);
ANALYZE t;
SELECT pg_stat_statements_reset();
-- repeat: 10
SELECT * FROM t WHERE id > 40000 ORDER BY id LIMIT 20;
