-- case: a change that waits
-- own server
-- expect: server server low
ALTER SYSTEM SET max_connections = 123;
SELECT pg_reload_conf();
SELECT pg_sleep(0.5);

-- case: a change that a reload applied
-- own server
-- innocent: work_mem needs no restart
-- expect passed
ALTER SYSTEM SET work_mem = '8MB';
SELECT pg_reload_conf();
SELECT pg_sleep(0.5);
