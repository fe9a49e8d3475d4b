-- case: a counter
-- after: 2 days
-- limits: per_row_and_minute=0.01
-- expect: table shop.counter low likely
CREATE SCHEMA shop;
CREATE TABLE shop.counter (name text PRIMARY KEY, n bigint);
INSERT INTO shop.counter VALUES ('orders', 0), ('visits', 0);
-- repeat: 200
UPDATE shop.counter SET n = n + 1;
ANALYZE shop.counter;
-- innocent: many rows share the updates
CREATE TABLE shop.stock (id int PRIMARY KEY, n bigint);
INSERT INTO shop.stock SELECT g, 0 FROM generate_series(1, 5000) g;
UPDATE shop.stock SET n = 1;
ANALYZE shop.stock;
-- innocent: settings that somebody changes
CREATE TABLE shop.setting (name text PRIMARY KEY, value text);
INSERT INTO shop.setting VALUES ('a', 'b');
UPDATE shop.setting SET value = 'c';
ANALYZE shop.setting;
-- innocent: a queue, whose rows go after their update
CREATE TABLE shop.job (id int PRIMARY KEY, state text);
INSERT INTO shop.job SELECT g, 'new' FROM generate_series(1, 1000) g;
UPDATE shop.job SET state = 'done';
DELETE FROM shop.job WHERE id > 3;
ANALYZE shop.job;

-- case: counters of an hour
-- after: 1 hours
-- limits: per_row_and_minute=0.01
-- innocent: a load may have done it
-- expect not-assessed
CREATE TABLE counter (name text PRIMARY KEY, n bigint);
INSERT INTO counter VALUES ('orders', 0);
-- repeat: 200
UPDATE counter SET n = n + 1;
ANALYZE counter;
