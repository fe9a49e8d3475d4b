-- case: loaded but not created
-- expect: extension pg_stat_statements medium
SELECT 1;

-- case: neither loaded nor created
-- server: shared_preload_libraries=
-- expect: extension pg_stat_statements medium
SELECT 1;

-- case: there
-- innocent: the extension lives in a schema of its own
-- expect passed
CREATE SCHEMA stats;
CREATE EXTENSION pg_stat_statements SCHEMA stats;
