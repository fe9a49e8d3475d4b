-- case: a slot that nobody reads
-- own server
-- expect: replication forgotten medium
SELECT pg_create_physical_replication_slot('forgotten', true);

-- case: a logical one that keeps more than the limit
-- own server
-- limits: high_bytes=1000000
-- expect: replication cdc high
SELECT pg_create_logical_replication_slot('cdc', 'test_decoding');
CREATE TABLE filler AS SELECT g, repeat('x', 500) AS pad FROM generate_series(1, 20000) g;

-- case: a temporary slot goes with its session
-- own server
-- session consumer
-- innocent: it ends with the session that made it
-- expect passed
SELECT pg_create_physical_replication_slot('passing', true, true);
