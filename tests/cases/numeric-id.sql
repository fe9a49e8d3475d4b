-- case: floats and numerics as keys
-- expect: table shop.reading high certain
-- expect: table shop.customer low certain
CREATE SCHEMA shop;
CREATE TABLE shop.reading (id double precision PRIMARY KEY, v float8);
CREATE TABLE shop.customer (id numeric(10) PRIMARY KEY, name text);
CREATE TABLE shop.invoice (id bigint PRIMARY KEY, customer_id numeric(10) REFERENCES shop.customer);
-- innocent: ids that no bigint holds
CREATE TABLE shop.card (id numeric(30) PRIMARY KEY);
-- innocent: a numeric of any length may hold anything
CREATE TABLE shop.anything (id numeric PRIMARY KEY);
-- innocent: it does, here
CREATE TABLE shop.meter (id numeric PRIMARY KEY);
INSERT INTO shop.meter SELECT 10000000000000000000 + i * 10007 FROM generate_series(1, 2000) i;
ANALYZE shop.meter;
-- innocent: a number that is one of several key columns, and one that is no key
CREATE TABLE shop.tier (list bigint, above numeric(10), PRIMARY KEY (list, above));
CREATE TABLE shop.weight (id bigint PRIMARY KEY, kilos float8 UNIQUE);

-- case: short numbers in a numeric of any length
-- expect: table public.gateway low likely
CREATE TABLE gateway (id numeric PRIMARY KEY, name text NOT NULL);
INSERT INTO gateway SELECT i, 'g' || i FROM generate_series(1, 2000) i;
ANALYZE gateway;
