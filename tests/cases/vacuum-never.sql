-- case: due and never vacuumed
-- after: 3 days
-- limits: min_rows=10000
-- expect: table shop.orders medium likely
-- expect: table shop.log
-- expect: table shop.events
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, n int);
INSERT INTO shop.orders SELECT i, i FROM generate_series(1, 20000) i;
UPDATE shop.orders SET n = n + 1 WHERE id <= 6000;
CREATE TABLE shop.log (id bigint PRIMARY KEY, n int);
INSERT INTO shop.log SELECT i, i FROM generate_series(1, 20000) i;
CREATE TABLE shop.events (id bigint, n int) PARTITION BY RANGE (id);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (20000);
INSERT INTO shop.events SELECT i, i FROM generate_series(1, 19000) i;
-- innocent: vacuumed once
CREATE TABLE shop.cleaned (id bigint PRIMARY KEY, n int);
INSERT INTO shop.cleaned SELECT i, i FROM generate_series(1, 20000) i;
VACUUM shop.cleaned;
-- innocent: not due
CREATE TABLE shop.patient (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_insert_threshold = 100000);
INSERT INTO shop.patient SELECT i, i FROM generate_series(1, 20000) i;
-- innocent: small
CREATE TABLE shop.small (id bigint PRIMARY KEY, n int);
INSERT INTO shop.small SELECT i, i FROM generate_series(1, 3000) i;
-- innocent: what other checks report: off, far beyond the threshold, inserts that do not count
CREATE TABLE shop.off (id bigint PRIMARY KEY, n int) WITH (autovacuum_enabled = off);
INSERT INTO shop.off SELECT i, i FROM generate_series(1, 20000) i;
CREATE TABLE shop.far (id bigint PRIMARY KEY, n int);
INSERT INTO shop.far SELECT i, i FROM generate_series(1, 20000) i;
UPDATE shop.far SET n = n + 1;
CREATE TABLE shop.grows (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_insert_threshold = -1);
INSERT INTO shop.grows SELECT i, i FROM generate_series(1, 20000) i;
ANALYZE;

-- case: counters that have just begun prove nothing
-- limits: min_rows=10000
-- expect not-assessed
CREATE TABLE log (id bigint PRIMARY KEY, n int);
INSERT INTO log SELECT i, i FROM generate_series(1, 20000) i;
ANALYZE;

-- case: with autovacuum off everywhere there is one finding elsewhere
-- after: 3 days
-- limits: min_rows=10000
-- server: autovacuum=off
-- expect passed
CREATE TABLE log (id bigint PRIMARY KEY, n int);
INSERT INTO log SELECT i, i FROM generate_series(1, 20000) i;
ANALYZE;
