-- case: values that reach far into the type
-- expect: column public.dense.id critical certain
-- expect: column public.legacy.id high possible
-- expect: column public.halfway.id medium certain
-- innocent: public.codes holds small numbers, public.sentinel one large one that means nothing, public.numbered draws
-- innocent: from a sequence, public.satellite takes its parent's key, public.wide is bigint, public.fresh is empty
CREATE TABLE legacy (id int PRIMARY KEY, what text);
INSERT INTO legacy SELECT 2147000000 + i, 'x' FROM generate_series(1, 500) AS i;
CREATE TABLE dense (id smallint PRIMARY KEY, what text);
INSERT INTO dense SELECT i, 'x' FROM generate_series(1, 31000) AS i;
CREATE TABLE halfway (id smallint PRIMARY KEY, what text);
INSERT INTO halfway SELECT i, 'x' FROM generate_series(1, 18000) AS i;
CREATE TABLE codes (id int PRIMARY KEY, what text);
INSERT INTO codes SELECT i, 'x' FROM generate_series(1, 500) AS i;
CREATE TABLE sentinel (id int PRIMARY KEY, what text);
INSERT INTO sentinel SELECT i, 'x' FROM generate_series(1, 500) AS i UNION ALL SELECT 2147483647, 'none';
CREATE TABLE numbered (id serial PRIMARY KEY, what text);
INSERT INTO numbered SELECT 2147000000 + i, 'x' FROM generate_series(1, 500) AS i;
CREATE TABLE satellite (id int PRIMARY KEY REFERENCES legacy, what text);
INSERT INTO satellite SELECT 2147000000 + i, 'x' FROM generate_series(1, 500) AS i;
CREATE TABLE wide (id bigint PRIMARY KEY);
INSERT INTO wide SELECT 4147000000 + i FROM generate_series(1, 500) AS i;
CREATE TABLE fresh (id int PRIMARY KEY);
ANALYZE;

-- case: values are hidden from a role that may not read the table
-- as: nobody
-- expect not-assessed
CREATE TABLE legacy (id int PRIMARY KEY);

-- case: a table that was never analysed tells nothing
-- expect not-assessed
CREATE TABLE legacy (id int PRIMARY KEY);
INSERT INTO legacy VALUES (2147000000);
