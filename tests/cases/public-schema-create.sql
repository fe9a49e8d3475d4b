-- case: opened by hand
-- versions: 15-
-- own server
-- expect: schema shared medium
-- expect: schema "Team's \"space\"" medium
-- innocent: public of a new database gives only USAGE, reports only USAGE too, staging gives CREATE to one role
CREATE ROLE clerk LOGIN;
CREATE SCHEMA shared;
GRANT CREATE, USAGE ON SCHEMA shared TO PUBLIC;
CREATE SCHEMA "Team's ""space""";
GRANT CREATE ON SCHEMA "Team's ""space""" TO PUBLIC;
CREATE SCHEMA reports;
GRANT USAGE ON SCHEMA reports TO PUBLIC;
CREATE SCHEMA staging;
GRANT CREATE ON SCHEMA staging TO clerk;

-- case: as every database was before version 15
-- versions: 14
-- as: nobody
-- expect: schema public medium
SELECT 1;

-- case: only superusers may log in
-- own server
-- expect: schema public low
GRANT CREATE ON SCHEMA public TO PUBLIC;

-- case: as a new database is
-- versions: 15-
-- innocent: public as it is, and a schema that nobody was let into
-- expect passed
CREATE SCHEMA inner_schema;
