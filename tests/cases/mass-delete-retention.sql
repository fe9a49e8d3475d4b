-- case: old rows go by DELETE
-- limits: min_rows=10000 min_deleted=1000
-- expect: table shop.log low likely
-- expect: table shop.events
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA shop;
CREATE TABLE shop.log (id bigint PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO shop.log SELECT i, now() - i * interval '1 minute' FROM generate_series(1, 20000) i;
DELETE FROM shop.log WHERE at < now() - interval '10 days';
CREATE TABLE shop.events (id bigint PRIMARY KEY, day date NOT NULL);
INSERT INTO shop.events SELECT i, date '2020-01-01' + i / 100 FROM generate_series(1, 20000) i;
DELETE FROM shop.events e WHERE e.day BETWEEN '2020-01-01' AND '2020-03-01';
-- innocent: small batches
CREATE TABLE shop.batches (id bigint PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO shop.batches SELECT i, now() - i * interval '1 minute' FROM generate_series(1, 20000) i;
-- repeat: 20
DELETE FROM shop.batches WHERE id IN (SELECT id FROM shop.batches WHERE at < now() - interval '10 days' LIMIT 100);
-- innocent: rows go by their key, or for another reason
CREATE TABLE shop.keyed (id bigint PRIMARY KEY, at timestamptz NOT NULL, kind int);
INSERT INTO shop.keyed SELECT i, now(), i % 3 FROM generate_series(1, 20000) i;
DELETE FROM shop.keyed WHERE kind = 1;
-- innocent: a small table
CREATE TABLE shop.small (id bigint PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO shop.small SELECT i, now() - i * interval '1 minute' FROM generate_series(1, 3000) i;
DELETE FROM shop.small WHERE at < now() - interval '10 minutes';
-- innocent: partitioned already
CREATE TABLE shop.parted (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE shop.parted_1 PARTITION OF shop.parted FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
INSERT INTO shop.parted SELECT i, now() - i * interval '1 minute' FROM generate_series(1, 20000) i;
DELETE FROM shop.parted WHERE at < now() - interval '10 days';
