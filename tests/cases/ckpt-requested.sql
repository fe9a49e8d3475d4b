-- case: writes that outrun the limit
-- own server
-- server: max_wal_size=32MB min_wal_size=32MB
-- limits: minimum=3
-- expect: setting max_wal_size medium
CREATE TABLE t (a int, pad text);
-- repeat: 5
INSERT INTO t SELECT g, repeat('x', 800) FROM generate_series(1, 40000) g;
SELECT pg_sleep(3);

-- case: a quiet server
-- own server
-- versions: 15-
-- innocent: hardly a checkpoint yet
-- expect passed
SELECT 1;
