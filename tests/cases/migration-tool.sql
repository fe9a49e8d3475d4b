-- case: two tools
-- expect: database * low likely
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
CREATE TABLE django_migrations (id bigint PRIMARY KEY, app text, name text, applied timestamptz);

-- case: many tables and no tool
-- limits: tables=3
-- expect: database * low possible
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY);

-- case: Rails leaves two tables
-- innocent: schema_migrations and ar_internal_metadata belong together
-- expect passed
CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar);

-- case: a small database without a tool
-- innocent: a table named like a tool's, with other columns, and too few tables to ask for one
-- expect passed
CREATE TABLE databasechangelog (id int PRIMARY KEY, note text);
