-- case: the default collation was another version when the database was made
-- versions: 17-
-- own server
-- expect: database * high
CREATE TABLE t (id int PRIMARY KEY, name text);
CREATE INDEX t_name ON t (name);
UPDATE pg_database SET datcollversion = '0', datlocprovider = 'b', datlocale = 'C.UTF-8' WHERE datname = current_database();

-- case: the C collation has no version
-- innocent: it never changes
-- expect passed
CREATE TABLE t (id int PRIMARY KEY, name text);
CREATE INDEX t_name ON t (name);
