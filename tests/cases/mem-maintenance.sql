-- case: a table that is large by the limit
-- limits: table_bytes=1000000
-- expect: setting maintenance_work_mem low certain
CREATE TABLE t AS SELECT g, repeat('x', 100) AS pad FROM generate_series(1, 20000) g;

-- case: it was raised
-- server: maintenance_work_mem=256MB
-- limits: table_bytes=1000000
-- innocent: somebody chose a size
-- expect passed
CREATE TABLE t AS SELECT g, repeat('x', 100) AS pad FROM generate_series(1, 20000) g;

-- case: small tables
-- innocent: they fit
-- expect passed
CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g;
