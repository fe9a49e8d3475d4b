-- case: a fifth of a huge table
-- limits: max_dead=10000
-- expect: table public.orders low certain
-- expect: table public.events
CREATE TABLE orders (id bigint PRIMARY KEY, n int);
INSERT INTO orders SELECT i, i FROM generate_series(1, 60000) i;
CREATE TABLE events (id bigint, n int) PARTITION BY RANGE (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (60000);
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (60000) TO (80000);
INSERT INTO events SELECT i, i FROM generate_series(1, 70000) i;
-- innocent: it has a factor of its own
CREATE TABLE tuned (id bigint PRIMARY KEY, n int) WITH (autovacuum_vacuum_scale_factor = 0.01);
INSERT INTO tuned SELECT i, i FROM generate_series(1, 60000) i;
-- innocent: it only grows
CREATE TABLE log (id bigint PRIMARY KEY, n int);
INSERT INTO log SELECT i, i FROM generate_series(1, 60000) i;
-- innocent: not so large
CREATE TABLE small (id bigint PRIMARY KEY, n int);
INSERT INTO small SELECT i, i FROM generate_series(1, 20000) i;
-- innocent: autovacuum never comes to it at all, which is another check's business
CREATE TABLE off (id bigint PRIMARY KEY, n int) WITH (autovacuum_enabled = off);
INSERT INTO off SELECT i, i FROM generate_series(1, 60000) i;
UPDATE orders SET n = n + 1 WHERE id <= 1000;
UPDATE events SET n = n + 1 WHERE id <= 1000;
UPDATE tuned SET n = n + 1 WHERE id <= 1000;
UPDATE small SET n = n + 1 WHERE id <= 1000;
UPDATE off SET n = n + 1 WHERE id <= 1000;
ANALYZE;

-- case: the maximum of version 18 holds
-- versions: 18-
-- limits: max_dead=10000
-- server: autovacuum_vacuum_max_threshold=5000
-- expect passed
CREATE TABLE orders (id bigint PRIMARY KEY, n int);
INSERT INTO orders SELECT i, i FROM generate_series(1, 60000) i;
UPDATE orders SET n = n + 1 WHERE id <= 1000;
ANALYZE;
