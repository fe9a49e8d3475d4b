-- case: nothing is mandatory
-- expect: table public.orders low likely
-- innocent: public.sound demands one column, public.narrow has few, public.profiles holds what is optional of its user,
-- innocent: public.staging is a landing table, public.checked says that one must be there, public.bare has no key
CREATE TABLE orders (id bigint PRIMARY KEY, a int, b text, c date, d boolean);
CREATE TABLE sound (id bigint PRIMARY KEY, a int NOT NULL, b text, c date, d boolean);
CREATE TABLE narrow (id bigint PRIMARY KEY, a int, b text);
CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES orders, a int, b text, c date, d boolean);
CREATE UNLOGGED TABLE staging (id bigint PRIMARY KEY, a int, b text, c date, d boolean);
CREATE TABLE checked (id bigint PRIMARY KEY, a int, b text, c date, d boolean, CHECK (num_nonnulls(a, b) > 0));
CREATE TABLE bare (a int, b text, c date, d boolean);
CREATE TABLE import_lines (id bigint PRIMARY KEY, a int, b text, c date, d boolean);
