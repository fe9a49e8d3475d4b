-- case: switched off
-- server: autovacuum=off
-- expect: setting autovacuum high certain
CREATE TABLE t (id bigint PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 100);
DELETE FROM t;

-- case: switched on, while one table is left out
-- expect passed
-- innocent: a table without autovacuum is another check's business
CREATE TABLE t (id bigint PRIMARY KEY) WITH (autovacuum_enabled = off);
