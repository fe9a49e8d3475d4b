-- case: more partitions than lock slots
-- server: max_locks_per_transaction=10 max_connections=10 max_wal_senders=0 wal_level=replica
-- expect: setting max_locks_per_transaction medium
CREATE TABLE p (a int) PARTITION BY LIST (a);
DO $$ BEGIN FOR i IN 1..60 LOOP EXECUTE format('CREATE TABLE p_%s PARTITION OF p FOR VALUES IN (%s)', i, i); END LOOP; END $$;
DO $$ BEGIN FOR i IN 61..110 LOOP EXECUTE format('CREATE TABLE p_%s PARTITION OF p FOR VALUES IN (%s)', i, i); END LOOP; END $$;

-- case: some partitions
-- innocent: far fewer than the default's 6,400 slots
-- expect passed
CREATE TABLE p (a int) PARTITION BY LIST (a);
DO $$ BEGIN FOR i IN 1..60 LOOP EXECUTE format('CREATE TABLE p_%s PARTITION OF p FOR VALUES IN (%s)', i, i); END LOOP; END $$;
