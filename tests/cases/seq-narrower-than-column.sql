-- case: columns widened, sequences not
-- expect: sequence public.old_id_seq medium
-- expect: sequence public.young_id_seq low
-- expect: sequence public.small_id_seq low
-- innocent: public.quota was limited on purpose, public.ring starts again, public.equal_id_seq has the column's type,
-- innocent: public.free feeds nothing and public.decimals no integer
CREATE TABLE old (id serial PRIMARY KEY);
ALTER TABLE old ALTER COLUMN id TYPE bigint;
SELECT setval('old_id_seq', 900000000);
CREATE TABLE young (id serial PRIMARY KEY);
ALTER TABLE young ALTER COLUMN id TYPE bigint;
CREATE TABLE small (id smallserial PRIMARY KEY);
ALTER TABLE small ALTER COLUMN id TYPE int;
CREATE SEQUENCE quota AS int MAXVALUE 5000;
CREATE TABLE limited (id bigint PRIMARY KEY DEFAULT nextval('quota'));
CREATE SEQUENCE ring AS int CYCLE;
CREATE TABLE rings (id bigint DEFAULT nextval('ring'));
CREATE TABLE equal (id bigserial PRIMARY KEY);
CREATE SEQUENCE free AS int;
CREATE SEQUENCE decimals AS int;
CREATE TABLE decimal_keys (id numeric PRIMARY KEY DEFAULT nextval('decimals'));

-- case: types tell where the position may not be read
-- as: nobody
-- expect: sequence public.old_id_seq medium
CREATE TABLE old (id serial PRIMARY KEY);
ALTER TABLE old ALTER COLUMN id TYPE bigint;
