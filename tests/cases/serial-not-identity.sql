-- case: serial
-- expect: column public.old.id info
-- innocent: an identity, and a default from a sequence that several tables share on purpose
-- innocent: a migration tool's own table
CREATE TABLE django_migrations (id serial PRIMARY KEY, app varchar(255), name varchar(255), applied timestamptz);
CREATE TABLE old (id serial PRIMARY KEY);
CREATE TABLE new (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE SEQUENCE shared_ids;
CREATE TABLE one (id bigint PRIMARY KEY DEFAULT nextval('shared_ids'));
CREATE TABLE two (id bigint PRIMARY KEY DEFAULT nextval('shared_ids'));
