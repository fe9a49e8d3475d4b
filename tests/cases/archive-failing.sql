-- case: a command that fails
-- server: archive_mode=on archive_command=false
-- own server
-- expect: server server critical
CREATE TABLE t (a int);
SELECT pg_switch_wal();
SELECT pg_sleep(4);

-- case: a command that works
-- server: archive_mode=on archive_command=true
-- own server
-- innocent: archived without failures
-- expect passed
CREATE TABLE t (a int);
SELECT pg_switch_wal();
SELECT pg_sleep(1);
