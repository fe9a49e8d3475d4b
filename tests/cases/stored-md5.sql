-- case: old and new hashes
-- own server
-- expect: role clerk medium
-- expect: role boss high
-- innocent: modern has a SCRAM hash, silent has no password, team may not log in
SET password_encryption = 'md5';
CREATE ROLE clerk LOGIN PASSWORD 'of-a-test';
CREATE ROLE boss LOGIN SUPERUSER PASSWORD 'of-a-test';
CREATE ROLE team NOLOGIN PASSWORD 'of-a-test';
SET password_encryption = 'scram-sha-256';
CREATE ROLE modern LOGIN PASSWORD 'of-a-test';
CREATE ROLE silent LOGIN;

-- case: hashes are hidden
-- as: pg_monitor
-- innocent: only a superuser sees how passwords are stored
-- expect not-assessed
SELECT 1;
