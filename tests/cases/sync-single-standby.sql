-- case: one standby, and commits wait for it
-- replica
-- expect: setting synchronous_standby_names high
ALTER SYSTEM SET synchronous_standby_names = '*';
SELECT pg_reload_conf();
SELECT pg_sleep(2);

-- case: asynchronous replication
-- replica
-- innocent: no commit waits
-- expect passed
SELECT 1;
