-- case: the old hash
-- server: password_encryption=md5
-- expect: setting password_encryption medium
SELECT 1;

-- case: as by default
-- innocent: scram-sha-256 since version 14
-- expect passed
SELECT 1;
