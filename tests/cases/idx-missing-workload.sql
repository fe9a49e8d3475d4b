-- case: searches that read the whole table
-- expect: column shop.orders.customer_id low likely
-- expect: column shop.orders.email
-- expect: column shop.events.who
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA shop;
CREATE TABLE shop.orders (
  id bigint PRIMARY KEY, customer_id int, email text, state text, at timestamptz, code text, done boolean, n int);
INSERT INTO shop.orders
SELECT i, i % 5000, 'e' || i % 9000, 's' || i % 3, now() - i * interval '1 minute', 'c' || i, i % 2 = 0, i
  FROM generate_series(1, 30000) i;
CREATE INDEX ON shop.orders (code);
CREATE TABLE shop.events (id bigint, who int, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO shop.events SELECT i, i % 900, date '2026-01-01' + i % 50 FROM generate_series(1, 30000) i;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, name text);
INSERT INTO shop.customers SELECT i, 'n' || i FROM generate_series(1, 500) i;
ANALYZE;
-- repeat: 60
SELECT * FROM shop.orders o JOIN shop.customers c ON c.id = o.n WHERE o.customer_id = 7 AND o.state = 's1';
-- repeat: 30
UPDATE shop.orders SET done = true WHERE email = 'nobody';
-- repeat: 30
SELECT count(*) FROM shop.events WHERE who = 7;
-- innocent: an index leads with it
-- repeat: 30
SELECT id FROM shop.orders WHERE code = 'c77' AND n > 5;
-- innocent: the primary key
-- repeat: 30
SELECT n FROM shop.orders WHERE id = 77;
-- innocent: a third of the rows, half of the rows
-- repeat: 30
SELECT count(*) FROM shop.orders WHERE state = 's1';
-- repeat: 30
SELECT count(*) FROM shop.orders WHERE done;
-- innocent: a sum over a range
-- repeat: 30
SELECT count(*) FROM shop.orders WHERE at > now() - interval '10 days';
-- innocent: a small table
-- repeat: 30
SELECT * FROM shop.customers WHERE name = 'n7';
-- innocent: rare
-- repeat: 3
SELECT * FROM shop.orders WHERE n = 7;

-- case: a range that returns few rows
-- expect: column public.orders.at
-- innocent: alternatives need another remedy, and a limit ends the scan early
CREATE EXTENSION pg_stat_statements;
CREATE TABLE orders (id bigint PRIMARY KEY, at timestamptz, a int, b int);
INSERT INTO orders SELECT i, now() - i * interval '1 minute', i, i FROM generate_series(1, 30000) i;
ANALYZE;
-- repeat: 30
SELECT id FROM orders WHERE at > now() - interval '1 hour';
-- repeat: 30
SELECT id FROM orders WHERE a = 7 OR b = 8;
-- repeat: 30
SELECT id FROM orders WHERE a > 5 LIMIT 1;
