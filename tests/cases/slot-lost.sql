-- case: more log than the slot may keep
-- own server
-- server: max_slot_wal_keep_size=1MB min_wal_size=32MB max_wal_size=32MB wal_level=logical
-- expect: replication behind high
SELECT pg_create_physical_replication_slot('behind', true);
CREATE TABLE filler AS SELECT g, repeat('x', 900) AS pad FROM generate_series(1, 60000) g;
SELECT pg_switch_wal();
CHECKPOINT;
CREATE TABLE filler2 AS SELECT g, repeat('x', 900) AS pad FROM generate_series(1, 60000) g;
SELECT pg_switch_wal();
CHECKPOINT;

-- case: a slot that can still catch up
-- own server
-- innocent: inactive, but nothing is lost
-- expect passed
SELECT pg_create_physical_replication_slot('near', true);
