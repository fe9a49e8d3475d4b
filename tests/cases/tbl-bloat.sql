-- case: mostly empty space
-- limits: min_bytes=1000000
-- expect: table shop.emptied low likely
-- expect: table shop.events
CREATE SCHEMA shop;
CREATE TABLE shop.emptied (id bigint PRIMARY KEY, note text);
INSERT INTO shop.emptied SELECT i, repeat('x', 100) FROM generate_series(1, 40000) i;
DELETE FROM shop.emptied WHERE id % 5 > 0;
CREATE TABLE shop.events (id bigint, note text) PARTITION BY RANGE (id);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (20000);
CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM (20000) TO (50000);
INSERT INTO shop.events SELECT i, repeat('x', 100) FROM generate_series(1, 40000) i;
DELETE FROM shop.events WHERE id % 5 > 0;
-- innocent: freshly written, with and without nulls, narrow and wide
CREATE TABLE shop.fresh (id bigint PRIMARY KEY, note text);
INSERT INTO shop.fresh SELECT i, repeat('x', 100) FROM generate_series(1, 40000) i;
CREATE TABLE shop.nulls (a int, b text, c timestamptz, d numeric, e bool, f text);
INSERT INTO shop.nulls SELECT i, CASE WHEN i % 2 = 0 THEN 'b' END, CASE WHEN i % 3 = 0 THEN now() END, i, NULL, NULL
  FROM generate_series(1, 80000) i;
CREATE TABLE shop.narrow (a smallint);
INSERT INTO shop.narrow SELECT i % 100 FROM generate_series(1, 150000) i;
CREATE TABLE shop.documents (id bigint PRIMARY KEY, body text);
INSERT INTO shop.documents SELECT i, string_agg(md5((i * j)::text), '') FROM generate_series(1, 600) i, generate_series(1, 200) j GROUP BY i;
-- innocent: room that was asked for
CREATE TABLE shop.roomy (id bigint PRIMARY KEY, note text) WITH (fillfactor = 50);
INSERT INTO shop.roomy SELECT i, repeat('x', 100) FROM generate_series(1, 40000) i;
-- innocent: a fifth is normal
CREATE TABLE shop.normal (id bigint PRIMARY KEY, note text);
INSERT INTO shop.normal SELECT i, repeat('x', 100) FROM generate_series(1, 40000) i;
DELETE FROM shop.normal WHERE id % 5 = 0;
-- innocent: small
CREATE TABLE shop.small (id bigint PRIMARY KEY, note text);
INSERT INTO shop.small SELECT i, repeat('x', 100) FROM generate_series(1, 500) i;
DELETE FROM shop.small WHERE id % 5 > 0;
VACUUM ANALYZE;

-- case: measured where the server can
-- limits: min_bytes=1000000
-- expect: table public.emptied low certain
-- innocent: freshly written
CREATE EXTENSION pgstattuple;
CREATE TABLE emptied (id bigint PRIMARY KEY, note text);
INSERT INTO emptied SELECT i, repeat('x', 100) FROM generate_series(1, 120000) i;
DELETE FROM emptied WHERE id % 5 > 0;
CREATE TABLE fresh (id bigint PRIMARY KEY, note text);
INSERT INTO fresh SELECT i, repeat('x', 100) FROM generate_series(1, 40000) i;
VACUUM ANALYZE;

-- case: without statistics nothing is known
-- as: nobody
-- limits: min_bytes=1000000
-- expect not-assessed
CREATE TABLE emptied (id bigint, note text);
INSERT INTO emptied SELECT i, repeat('x', 100) FROM generate_series(1, 40000) i;
DELETE FROM emptied WHERE id % 5 > 0;
VACUUM ANALYZE;

-- case: a table that somebody locks is not judged
-- limits: min_bytes=1000000
-- expect not-assessed
CREATE TABLE emptied (id bigint, note text);
INSERT INTO emptied SELECT i, repeat('x', 100) FROM generate_series(1, 40000) i;
DELETE FROM emptied WHERE id % 5 > 0;
VACUUM ANALYZE;
-- session migration
BEGIN;
LOCK TABLE emptied IN ACCESS EXCLUSIVE MODE;
