-- case: images are most of the log
-- own server
-- after: 3 days
-- limits: daily_bytes=100000
-- expect: setting wal_compression low likely
CREATE TABLE t (id int, n int) WITH (fillfactor = 50);
INSERT INTO t SELECT g, 0 FROM generate_series(1, 200000) g;
CHECKPOINT;
UPDATE t SET n = 1 WHERE id % 200 = 0;
CHECKPOINT;
UPDATE t SET n = 2 WHERE id % 200 = 0;
CHECKPOINT;
SELECT pg_stat_reset_shared('wal');
UPDATE t SET n = 3 WHERE id % 200 = 0;

-- case: little log
-- own server
-- after: 3 days
-- innocent: nobody feels some megabytes
-- expect passed
CREATE TABLE t (id int);
INSERT INTO t SELECT g FROM generate_series(1, 1000) g;
CHECKPOINT;
UPDATE t SET id = 0;

-- case: compressed
-- own server
-- server: wal_compression=on
-- after: 3 days
-- limits: daily_bytes=100 share=0
-- innocent: it is on
-- expect passed
CREATE TABLE t (id int);
