-- case: another table than the one that was analysed
-- expect: table shop.orders low certain
-- expect: table shop.events
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, n int);
INSERT INTO shop.orders SELECT i, i FROM generate_series(1, 20000) i;
CREATE TABLE shop.events (id bigint, n int) PARTITION BY RANGE (id);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (20000);
CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM (20000) TO (40000);
INSERT INTO shop.events SELECT i, i FROM generate_series(1, 39000) i;
-- innocent: a few changes
CREATE TABLE shop.calm (id bigint PRIMARY KEY, n int);
INSERT INTO shop.calm SELECT i, i FROM generate_series(1, 20000) i;
-- innocent: small
CREATE TABLE shop.small (id bigint PRIMARY KEY, n int);
INSERT INTO shop.small SELECT i, i FROM generate_series(1, 500) i;
-- Counters are flushed once a second: these must not arrive after the analysis
SELECT pg_sleep(1.1);
ANALYZE;
UPDATE shop.orders SET n = n + 1;
UPDATE shop.events SET n = n + 1 WHERE id < 15000;
UPDATE shop.calm SET n = n + 1 WHERE id < 3000;
UPDATE shop.small SET n = n + 1;
-- innocent: never analysed, which is another check's business
CREATE TABLE shop.new (id bigint PRIMARY KEY, n int);
INSERT INTO shop.new SELECT i, i FROM generate_series(1, 20000) i;
-- innocent: analysed after the changes
CREATE TABLE shop.fresh (id bigint PRIMARY KEY, n int);
INSERT INTO shop.fresh SELECT i, i FROM generate_series(1, 20000) i;
SELECT pg_sleep(1.1);
ANALYZE shop.fresh;
-- innocent: analysed while it was empty, so that it has no statistics at all
CREATE TABLE shop.filled (id bigint PRIMARY KEY, n int);
ANALYZE shop.filled;
INSERT INTO shop.filled SELECT i, i FROM generate_series(1, 20000) i;

-- case: counters that arrive after the analysis
-- expect: table public.doubled low certain
-- innocent: loaded and analysed within one second, so that the counters tell of the rows once more
CREATE TABLE loaded (id bigint PRIMARY KEY, n int);
INSERT INTO loaded SELECT i, i FROM generate_series(1, 20000) i;
ANALYZE loaded;
-- innocent: the same, and a few rows were changed since
CREATE TABLE touched (id bigint PRIMARY KEY, n int);
INSERT INTO touched SELECT i, i FROM generate_series(1, 20000) i;
ANALYZE touched;
SELECT pg_sleep(1.1);
UPDATE touched SET n = n + 1 WHERE id <= 300;
-- innocent: emptied, vacuumed and analysed within one second
CREATE TABLE emptied (id bigint PRIMARY KEY, n int);
INSERT INTO emptied SELECT i, i FROM generate_series(1, 60000) i;
DELETE FROM emptied WHERE id % 4 <> 0;
VACUUM ANALYZE emptied;
-- Loaded once more since
CREATE TABLE doubled (id bigint PRIMARY KEY, n int);
INSERT INTO doubled SELECT i, i FROM generate_series(1, 20000) i;
SELECT pg_sleep(1.1);
ANALYZE doubled;
INSERT INTO doubled SELECT i, i FROM generate_series(20001, 40000) i;
