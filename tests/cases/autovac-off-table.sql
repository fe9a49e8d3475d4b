-- case: tables that are left to themselves
-- expect: table shop.orders medium certain
-- expect: table shop.idle low
-- expect: table shop.events medium
-- expect: table shop.tiny low
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, n int) WITH (autovacuum_enabled = false);
INSERT INTO shop.orders SELECT i, i FROM generate_series(1, 5000) i;
CREATE TABLE shop.idle (id bigint PRIMARY KEY, n int) WITH (autovacuum_enabled = off);
CREATE TABLE shop.tiny (id bigint PRIMARY KEY, n int) WITH (autovacuum_enabled = off);
INSERT INTO shop.tiny VALUES (1, 1);
CREATE TABLE shop.events (id bigint, n int) PARTITION BY RANGE (id);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (20000) WITH (autovacuum_enabled = off);
CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM (20000) TO (40000) WITH (autovacuum_enabled = 0);
CREATE TABLE shop.events_3 PARTITION OF shop.events FOR VALUES FROM (40000) TO (60000);
INSERT INTO shop.events SELECT i, i FROM generate_series(1, 39000) i;
-- innocent: other options, an option that says on
CREATE TABLE shop.tuned (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 80);
CREATE TABLE shop.stated (id bigint PRIMARY KEY, n int) WITH (autovacuum_enabled = true);
CREATE TABLE shop.reset (id bigint PRIMARY KEY, n int) WITH (autovacuum_enabled = off);
ALTER TABLE shop.reset RESET (autovacuum_enabled);
