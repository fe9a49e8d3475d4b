-- case: serial
-- expect: column public.old.id info
-- innocent: an identity, and a default from a sequence that several tables share on purpose
CREATE TABLE old (id serial PRIMARY KEY);
CREATE TABLE new (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE SEQUENCE shared_ids;
CREATE TABLE one (id bigint PRIMARY KEY DEFAULT nextval('shared_ids'));
CREATE TABLE two (id bigint PRIMARY KEY DEFAULT nextval('shared_ids'));
