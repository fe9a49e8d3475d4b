-- case: inserts do not call autovacuum
-- limits: min_rows=10000
-- expect: table shop.log medium likely
-- expect: table shop.events
CREATE SCHEMA shop;
CREATE TABLE shop.log (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_insert_threshold = -1);
INSERT INTO shop.log SELECT i, i FROM generate_series(1, 20000) i;
CREATE TABLE shop.events (id bigint, n int) PARTITION BY RANGE (id);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (20000)
  WITH (autovacuum_vacuum_insert_threshold = -1);
INSERT INTO shop.events SELECT i, i FROM generate_series(1, 19000) i;
-- innocent: inserts do call it
CREATE TABLE shop.normal (id bigint PRIMARY KEY, n int);
INSERT INTO shop.normal SELECT i, i FROM generate_series(1, 20000) i;
-- innocent: vacuumed by hand
CREATE TABLE shop.cleaned (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_insert_threshold = -1);
INSERT INTO shop.cleaned SELECT i, i FROM generate_series(1, 20000) i;
VACUUM shop.cleaned;
-- innocent: updates call it
CREATE TABLE shop.updated (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_insert_threshold = -1);
INSERT INTO shop.updated SELECT i, i FROM generate_series(1, 20000) i;
UPDATE shop.updated SET n = 2 WHERE id < 3000;
-- innocent: small
CREATE TABLE shop.small (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_insert_threshold = -1);
INSERT INTO shop.small SELECT i, i FROM generate_series(1, 100) i;
ANALYZE;

-- case: disabled for the whole server
-- limits: min_rows=10000
-- server: autovacuum_vacuum_insert_threshold=-1
-- expect: table public.log
-- innocent: a table that enables it
CREATE TABLE log (id bigint PRIMARY KEY, n int);
INSERT INTO log SELECT i, i FROM generate_series(1, 20000) i;
CREATE TABLE own (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_insert_threshold = 1000);
INSERT INTO own SELECT i, i FROM generate_series(1, 20000) i;
ANALYZE;
