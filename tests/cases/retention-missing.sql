-- case: nothing is ever removed
-- after: 40 days
-- limits: min_bytes=500000 plain_bytes=3000000 min_inserts=10000 old_days=1000
-- expect: table shop.log info possible
-- expect: table shop.parted info
CREATE SCHEMA shop;
CREATE TABLE shop.log (id bigint PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO shop.log SELECT i, now() - (20000 - i) * interval '1 minute' FROM generate_series(1, 20000) i;
CREATE TABLE shop.parted (id bigint, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE shop.parted_1 PARTITION OF shop.parted FOR VALUES FROM ('2019-01-01') TO ('2020-01-01');
CREATE TABLE shop.parted_2 PARTITION OF shop.parted FOR VALUES FROM ('2020-01-01') TO ('2040-01-01');
INSERT INTO shop.parted SELECT i, date '2019-06-01' + i / 20 FROM generate_series(1, 20000) i;
-- innocent: old rows are deleted
CREATE TABLE shop.kept (id bigint PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO shop.kept SELECT i, now() - (20000 - i) * interval '1 minute' FROM generate_series(1, 20000) i;
DELETE FROM shop.kept WHERE id < 100;
-- innocent: no order of time
CREATE TABLE shop.users (id bigint PRIMARY KEY, born date NOT NULL);
INSERT INTO shop.users SELECT i, date '1950-01-01' + (i * 7919) % 20000 FROM generate_series(1, 20000) i;
-- innocent: the oldest partition is young
CREATE TABLE shop.young (id bigint, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE shop.young_1 PARTITION OF shop.young FOR VALUES FROM ('2020-01-01') TO ('2040-01-01');
INSERT INTO shop.young SELECT i, date '2026-01-01' FROM generate_series(1, 20000) i;
-- innocent: so large that it is a candidate for partitioning
CREATE TABLE shop.huge (id bigint PRIMARY KEY, at timestamptz NOT NULL, what text);
INSERT INTO shop.huge SELECT i, now() - (20000 - i) * interval '1 minute', repeat('x', 200) FROM generate_series(1, 20000) i;
-- innocent: small
CREATE TABLE shop.small (id bigint PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO shop.small SELECT i, now() FROM generate_series(1, 500) i;
ANALYZE;
