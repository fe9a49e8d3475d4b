-- case: passwords as they were typed
-- own server
-- as: pg_monitor
-- expect: setting pg_stat_statements.track_utility medium likely
-- innocent: a password that is taken away is none
CREATE EXTENSION pg_stat_statements;
CREATE ROLE clerk LOGIN PASSWORD 'of-a-test';
ALTER USER clerk WITH PASSWORD 'of-another-test' VALID UNTIL '2030-01-01';
ALTER ROLE clerk PASSWORD NULL;

-- case: nothing secret
-- own server
-- innocent: roles without a password, and words that only sound like one
-- expect passed
CREATE EXTENSION pg_stat_statements;
CREATE ROLE clerk LOGIN;
ALTER ROLE clerk PASSWORD NULL;
CREATE TABLE password (id bigint PRIMARY KEY, password text DEFAULT 'none');
SELECT * FROM password WHERE password = 'secret';
UPDATE password SET password = 'secret';

-- case: a login of a subscription
-- own server
-- expect: setting pg_stat_statements.track_utility
CREATE EXTENSION pg_stat_statements;
CREATE SUBSCRIPTION feed CONNECTION 'host=db.example.org password=of-a-test' PUBLICATION p WITH (connect = false);
ALTER SUBSCRIPTION feed SET (slot_name = NONE);
DROP SUBSCRIPTION feed;

-- case: texts are hidden
-- as: nobody
-- innocent: what others ran cannot be read
-- expect not-assessed
CREATE EXTENSION pg_stat_statements;
SELECT 1;
