-- case: written, never read
-- after: 40 days
-- limits: min_bytes=1000000
-- expect: table shop.copy low likely
CREATE SCHEMA shop;
CREATE TABLE shop.copy (id int, pad text);
INSERT INTO shop.copy SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g;
-- innocent: read once
CREATE TABLE shop.orders (id int, pad text);
INSERT INTO shop.orders SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g;
SELECT count(*) FROM shop.orders;
-- innocent: read through its index
CREATE TABLE shop.keyed (id int PRIMARY KEY, pad text);
INSERT INTO shop.keyed SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g;
SELECT pad FROM shop.keyed WHERE id = 3;
-- innocent: one partition is read
CREATE TABLE shop.event (id int, pad text) PARTITION BY RANGE (id);
CREATE TABLE shop.event_1 PARTITION OF shop.event FOR VALUES FROM (0) TO (10000);
CREATE TABLE shop.event_2 PARTITION OF shop.event FOR VALUES FROM (10000) TO (30000);
INSERT INTO shop.event SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g;
SELECT count(*) FROM shop.event WHERE id < 10;
-- innocent: a small one
CREATE TABLE shop.tiny (id int);
INSERT INTO shop.tiny VALUES (1);

-- case: counters of a week
-- after: 7 days
-- limits: min_bytes=1000000
-- innocent: the job that reads it may run once a month
-- expect not-assessed
CREATE TABLE copy (id int, pad text);
INSERT INTO copy SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g;
