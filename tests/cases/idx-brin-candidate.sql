-- case: an index of periods over rows in order
-- limits: min_bytes=100000
-- expect: index shop.event_at info possible
CREATE SCHEMA shop;
CREATE TABLE shop.event (id bigint PRIMARY KEY, at timestamptz NOT NULL, what text);
CREATE INDEX event_at ON shop.event (at);
INSERT INTO shop.event SELECT g, '2026-01-01'::timestamptz + g * interval '1 second', 'x' FROM generate_series(1, 50000) g;
VACUUM ANALYZE shop.event;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
-- repeat: 5
SELECT count(*) FROM shop.event WHERE at BETWEEN '2026-01-01 01:00' AND '2026-01-01 03:00';
-- innocent: single rows are wanted
CREATE TABLE shop.single (id bigint PRIMARY KEY, at timestamptz NOT NULL);
CREATE INDEX ON shop.single (at);
INSERT INTO shop.single SELECT g, '2026-01-01'::timestamptz + g * interval '1 second' FROM generate_series(1, 50000) g;
VACUUM ANALYZE shop.single;
-- repeat: 20
SELECT id FROM shop.single WHERE at = '2026-01-01 01:00';
-- innocent: the rows lie in no order
CREATE TABLE shop.mixed (id bigint PRIMARY KEY, at timestamptz NOT NULL);
CREATE INDEX ON shop.mixed (at);
INSERT INTO shop.mixed SELECT g, '2026-01-01'::timestamptz + (g * 7919 % 50000) * interval '1 second' FROM generate_series(1, 50000) g;
VACUUM ANALYZE shop.mixed;
-- repeat: 5
SELECT count(*) FROM shop.mixed WHERE at BETWEEN '2026-01-01 01:00' AND '2026-01-01 03:00';
-- innocent: the rows change
CREATE TABLE shop.changed (id bigint PRIMARY KEY, at timestamptz NOT NULL);
CREATE INDEX ON shop.changed (at);
INSERT INTO shop.changed SELECT g, '2026-01-01'::timestamptz + g * interval '1 second' FROM generate_series(1, 50000) g;
DELETE FROM shop.changed WHERE id > 40000;
VACUUM ANALYZE shop.changed;
-- repeat: 5
SELECT count(*) FROM shop.changed WHERE at BETWEEN '2026-01-01 01:00' AND '2026-01-01 03:00';
