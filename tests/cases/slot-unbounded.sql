-- case: a slot and no limit
-- own server
-- expect: setting max_slot_wal_keep_size medium
SELECT pg_create_physical_replication_slot('standby_1');

-- case: no slots, no limit
-- innocent: there is nothing to limit
-- expect passed
SELECT 1;

-- case: a slot with a limit
-- own server
-- server: max_slot_wal_keep_size=10GB
-- innocent: limited
-- expect passed
SELECT pg_create_physical_replication_slot('standby_1');
