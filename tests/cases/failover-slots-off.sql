-- case: one that stays behind, one that comes along
-- versions: 17-
-- replica
-- expect: replication behind medium likely
SELECT pg_create_logical_replication_slot('behind', 'pgoutput');
-- innocent: it has the flag
SELECT pg_create_logical_replication_slot('along', 'pgoutput', false, false, true);

-- case: nobody could take over
-- own server
-- innocent: without a replica there is no failover
-- expect passed
SELECT pg_create_logical_replication_slot('alone', 'pgoutput');
