-- case: an old version of an extension
-- versions: 17-
-- expect: extension pg_stat_statements low
CREATE EXTENSION pg_stat_statements VERSION '1.10';

-- case: the newest version
-- innocent: up to date
-- expect passed
CREATE EXTENSION pg_stat_statements;
