-- case: rewrites and table locks
-- expect: query * low likely
-- expect: query * low likely
-- expect: query * low likely
-- expect: query * low likely
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t (id bigint PRIMARY KEY);
VACUUM FULL t;
VACUUM (FULL, ANALYZE) t;
CLUSTER t USING t_pkey;
BEGIN;
LOCK TABLE t;
COMMIT;
-- innocent: plain vacuums
VACUUM t;
VACUUM (FULL FALSE, ANALYZE) t;
VACUUM (FREEZE) t;
-- innocent: weaker locks, as dumps take them
BEGIN;
LOCK TABLE t IN ACCESS SHARE MODE;
LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE;
SELECT 1 FROM t FOR UPDATE;
COMMIT;
-- innocent: a table of that name
CREATE TABLE cluster (lock int);
SELECT lock FROM cluster;
