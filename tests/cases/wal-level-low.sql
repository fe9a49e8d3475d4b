-- case: only enough for a crash
-- server: wal_level=minimal max_wal_senders=0
-- expect: setting wal_level high certain
SELECT 1;

-- case: the default
-- server: wal_level=
-- innocent: replica is enough for backups and streaming
-- expect passed
SELECT 1;
