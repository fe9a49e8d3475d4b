-- case: none
-- server: superuser_reserved_connections=0
-- expect: setting superuser_reserved_connections medium certain
SELECT 1;

-- case: for a role of administrators
-- versions: 16-
-- server: superuser_reserved_connections=0 reserved_connections=2
-- innocent: members of pg_use_reserved_connections can log in
-- expect passed
SELECT 1;

-- case: the default
-- expect passed
SELECT 1;
