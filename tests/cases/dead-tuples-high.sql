-- case: more dead rows than autovacuum should allow
-- expect: table shop.orders low certain
-- expect: table shop.jobs medium
-- expect: table shop.events
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, n int);
INSERT INTO shop.orders SELECT i, i FROM generate_series(1, 25000) i;
VACUUM ANALYZE shop.orders;
UPDATE shop.orders SET n = n + 1 WHERE id <= 20000;
-- Few live rows, many dead ones
CREATE TABLE shop.jobs (id bigint PRIMARY KEY, n int);
INSERT INTO shop.jobs SELECT i, i FROM generate_series(1, 20000) i;
DELETE FROM shop.jobs WHERE id > 10;
-- A partitioned table counts once
CREATE TABLE shop.events (id bigint, n int) PARTITION BY RANGE (id);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (20000);
CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM (20000) TO (40000);
INSERT INTO shop.events SELECT i, i FROM generate_series(1, 39000) i;
UPDATE shop.events SET n = n + 1;
-- innocent: cleaned since
CREATE TABLE shop.cleaned (id bigint PRIMARY KEY, n int);
INSERT INTO shop.cleaned SELECT i, i FROM generate_series(1, 20000) i;
UPDATE shop.cleaned SET n = n + 1;
-- Counters are flushed once a second: these must not arrive after the vacuum
SELECT pg_sleep(1.1);
VACUUM shop.cleaned;
-- innocent: below the threshold of so large a table
CREATE TABLE shop.large (id bigint PRIMARY KEY, n int);
INSERT INTO shop.large SELECT i, i FROM generate_series(1, 100000) i;
VACUUM ANALYZE shop.large;
UPDATE shop.large SET n = n + 1 WHERE id <= 25000;
-- innocent: below the threshold that the table asks for
CREATE TABLE shop.patient (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_threshold = 100000);
INSERT INTO shop.patient SELECT i, i FROM generate_series(1, 20000) i;
UPDATE shop.patient SET n = n + 1;
-- innocent: a small table
CREATE TABLE shop.small (id bigint PRIMARY KEY, n int);
INSERT INTO shop.small SELECT i, i FROM generate_series(1, 1000) i;
UPDATE shop.small SET n = n + 1;
UPDATE shop.small SET n = n + 1;
UPDATE shop.small SET n = n + 1;

-- case: the threshold has a maximum
-- versions: 18-
-- server: autovacuum_vacuum_max_threshold=6000
-- expect: table public.large
-- innocent: a table with a maximum of its own
CREATE TABLE large (id bigint PRIMARY KEY, n int);
INSERT INTO large SELECT i, i FROM generate_series(1, 100000) i;
CREATE TABLE own (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_max_threshold = 100000);
INSERT INTO own SELECT i, i FROM generate_series(1, 100000) i;
VACUUM ANALYZE;
UPDATE large SET n = n + 1 WHERE id <= 15000;
UPDATE own SET n = n + 1 WHERE id <= 15000;

-- case: everybody may read the counters
-- as: nobody
-- expect: table public.jobs
CREATE TABLE jobs (id bigint PRIMARY KEY, n int);
INSERT INTO jobs SELECT i, i FROM generate_series(1, 20000) i;
DELETE FROM jobs WHERE id > 10;

-- case: counters that arrive after the vacuum
-- expect: table public.emptied medium
-- innocent: deleted and vacuumed within one second, so that the counters tell of dead rows that are gone
CREATE TABLE cleaned (id bigint PRIMARY KEY, n int);
INSERT INTO cleaned SELECT i, i FROM generate_series(1, 60000) i;
DELETE FROM cleaned WHERE id % 4 <> 0;
VACUUM cleaned;
-- Vacuumed, then emptied, then analysed
CREATE TABLE emptied (id bigint PRIMARY KEY, n int);
INSERT INTO emptied SELECT i, i FROM generate_series(1, 30000) i;
SELECT pg_sleep(1.1);
VACUUM emptied;
SELECT pg_sleep(1.1);
DELETE FROM emptied WHERE id > 10;
SELECT pg_sleep(1.1);
ANALYZE emptied;
