-- case: a table far larger than the cache, read again and again
-- server: shared_buffers=1MB
-- limits: minimum_blocks=1000 fast_read_ms=0
-- expect: database * medium
CREATE TABLE big AS SELECT g, repeat('x', 500) AS pad FROM generate_series(1, 40000) g;
-- repeat: 5
SELECT count(*) FROM big;

-- case: a table that fits
-- versions: 16-
-- limits: minimum_blocks=1000 fast_read_ms=0
-- innocent: read just as often, from the cache
-- expect passed
CREATE TABLE small AS SELECT g, repeat('x', 500) AS pad FROM generate_series(1, 20000) g;
-- repeat: 5
SELECT count(*) FROM small;

-- case: hardly anything was read
-- innocent: a fresh database has no ratio worth judging
-- expect not-assessed
SELECT 1;
