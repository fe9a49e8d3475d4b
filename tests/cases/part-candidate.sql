-- case: large and in the order of time
-- limits: min_bytes=500000 high_bytes=100000000
-- expect: table shop.events medium likely
-- expect: table shop.sessions
CREATE SCHEMA shop;
CREATE TABLE shop.events (id bigint PRIMARY KEY, at timestamptz NOT NULL, what text);
INSERT INTO shop.events SELECT i, now() - (30000 - i) * interval '1 minute', 'w' FROM generate_series(1, 30000) i;
-- Updated all over, but thinned out by age
CREATE TABLE shop.sessions (id bigint PRIMARY KEY, at timestamptz NOT NULL, n int) WITH (fillfactor = 50);
INSERT INTO shop.sessions SELECT i, now() - (30000 - i) * interval '1 minute', 1 FROM generate_series(1, 30000) i;
UPDATE shop.sessions SET n = 2 WHERE id % 5 = 0;
DELETE FROM shop.sessions WHERE id < 8000;
-- innocent: as large, but not in the order of any time
CREATE TABLE shop.users (id bigint PRIMARY KEY, born date NOT NULL, name text);
INSERT INTO shop.users SELECT i, date '1950-01-01' + (i * 7919) % 20000, 'n' || i FROM generate_series(1, 30000) i;
-- innocent: in the order of time, but its rows change all over
CREATE TABLE shop.accounts (id bigint PRIMARY KEY, opened timestamptz NOT NULL, amount int) WITH (fillfactor = 40);
INSERT INTO shop.accounts SELECT i, now() - (30000 - i) * interval '1 minute', 1 FROM generate_series(1, 30000) i;
UPDATE shop.accounts SET amount = 2;
-- innocent: partitioned already
CREATE TABLE shop.parted (id bigint, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE shop.parted_1 PARTITION OF shop.parted FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
INSERT INTO shop.parted SELECT i, date '2020-01-01' + i / 100 FROM generate_series(1, 30000) i;
-- innocent: partitioned by inheritance
CREATE TABLE shop.parent (id bigint, day date NOT NULL);
CREATE TABLE shop.child () INHERITS (shop.parent);
INSERT INTO shop.parent SELECT i, date '2020-01-01' + i / 100 FROM generate_series(1, 30000) i;
-- innocent: small
CREATE TABLE shop.small (id bigint PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO shop.small SELECT i, now() FROM generate_series(1, 500) i;
ANALYZE;

-- case: megabytes are no reason
-- expect passed
CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO events SELECT i, now() - (100000 - i) * interval '1 minute' FROM generate_series(1, 100000) i;
ANALYZE;

-- case: without statistics nothing is known
-- as: nobody
-- limits: min_bytes=500000
-- expect not-assessed
CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO events SELECT i, now() - (30000 - i) * interval '1 minute' FROM generate_series(1, 30000) i;
ANALYZE;
