-- case: fsync off
-- server: fsync=off
-- expect: setting fsync critical
SELECT 1;

-- case: lax commits
-- server: fsync=on synchronous_commit=off full_page_writes=off
-- expect: setting synchronous_commit medium
-- expect: setting full_page_writes high
SELECT 1;

-- case: durable, with a milder commit level
-- server: fsync=on synchronous_commit=local
-- innocent: local still flushes to this machine's disk
-- expect passed
SELECT 1;
