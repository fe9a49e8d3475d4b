-- case: no trail at all, as by default
-- expect: server server low
SELECT 1;

-- case: as by default before version 18
-- on: 16
-- expect: server server low
SELECT 1;

-- case: logins are recorded
-- server: log_connections=on
-- innocent: one trail is there
-- expect passed
SELECT 1;

-- case: changes of the schema are recorded
-- server: log_statement=ddl
-- innocent: one trail is there
-- expect passed
SELECT 1;

-- case: the libraries may not be seen
-- as: nobody
-- innocent: pgaudit might be loaded
-- expect not-assessed
SELECT 1;
