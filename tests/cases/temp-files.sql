-- case: sorts that do not fit into memory
-- limits: min_bytes=1000000 min_per_hour=1000000
-- expect: database * low certain
CREATE TABLE t (id bigint PRIMARY KEY);
SET work_mem = '64kB';
SELECT count(*) FROM (SELECT i FROM generate_series(1, 300000) i ORDER BY i DESC) s;
ANALYZE;

-- case: a report a month
-- after: 30 days
-- limits: min_bytes=1000000 min_per_hour=1000000
-- expect passed
-- innocent: the same bytes over a month are nothing
CREATE TABLE t (id bigint PRIMARY KEY);
SET work_mem = '64kB';
SELECT count(*) FROM (SELECT i FROM generate_series(1, 300000) i ORDER BY i DESC) s;
ANALYZE;

-- case: nothing is spilled
-- expect passed
CREATE TABLE t (id bigint PRIMARY KEY);
SELECT count(*) FROM (SELECT i FROM generate_series(1, 1000) i ORDER BY i DESC) s;
