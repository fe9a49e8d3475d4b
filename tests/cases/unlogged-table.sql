-- case: data that a crash would empty
-- expect: table shop.orders high certain
-- expect: table shop.few medium
-- expect: table shop.none low
-- expect: table shop.user_sessions
-- expect: table shop.events
CREATE SCHEMA shop;
CREATE UNLOGGED TABLE shop.orders (id bigint PRIMARY KEY);
INSERT INTO shop.orders SELECT generate_series(1, 5000);
CREATE UNLOGGED TABLE shop.few (id bigint PRIMARY KEY);
INSERT INTO shop.few VALUES (1);
CREATE UNLOGGED TABLE shop.none (id bigint PRIMARY KEY);
-- A session table, but a foreign key ties it to real data
CREATE TABLE shop.users (id bigint PRIMARY KEY);
CREATE UNLOGGED TABLE shop.user_sessions (id bigint PRIMARY KEY, user_id bigint REFERENCES shop.users);
CREATE TABLE shop.events (id bigint, day date) PARTITION BY RANGE (day);
CREATE UNLOGGED TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
-- innocent: meant to be lost
CREATE UNLOGGED TABLE shop.page_cache (id bigint PRIMARY KEY, body text);
INSERT INTO shop.page_cache SELECT i, 'b' FROM generate_series(1, 5000) i;
CREATE UNLOGGED TABLE shop."importStaging" (id bigint PRIMARY KEY);
CREATE SCHEMA staging;
CREATE UNLOGGED TABLE staging.customers (id bigint PRIMARY KEY);
-- innocent: logged
CREATE TABLE shop.customers (id bigint PRIMARY KEY);
INSERT INTO shop.customers SELECT generate_series(1, 5000);
