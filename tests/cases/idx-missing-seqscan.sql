-- case: read as a whole again and again
-- expect: table shop.orders medium likely
-- expect: table shop.events
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id int, note text);
INSERT INTO shop.orders SELECT i, i % 500, 'n' FROM generate_series(1, 20000) i;
-- repeat: 120
SELECT count(*) FROM shop.orders WHERE customer_id = 7;
-- A partitioned table counts once
CREATE TABLE shop.events (id bigint, who int, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO shop.events SELECT i, i % 900, date '2026-01-01' + i % 50 FROM generate_series(1, 20000) i;
-- repeat: 120
SELECT count(*) FROM shop.events WHERE who = 7;
-- innocent: a small table
CREATE TABLE shop.small (id bigint PRIMARY KEY, a int);
INSERT INTO shop.small SELECT i, i FROM generate_series(1, 500) i;
-- repeat: 120
SELECT count(*) FROM shop.small WHERE a = 7;
-- innocent: a few reports
CREATE TABLE shop.ledger (id bigint PRIMARY KEY, amount int);
INSERT INTO shop.ledger SELECT i, i FROM generate_series(1, 20000) i;
-- repeat: 20
SELECT sum(amount) FROM shop.ledger;
-- innocent: the scans stop after the first rows
CREATE TABLE shop.peeked (id bigint, a int);
INSERT INTO shop.peeked SELECT i, i FROM generate_series(1, 20000) i;
-- repeat: 120
SELECT id FROM shop.peeked LIMIT 1;
-- innocent: read through its index far more often
CREATE TABLE shop.keyed (id bigint PRIMARY KEY, a int);
INSERT INTO shop.keyed SELECT i, i FROM generate_series(1, 20000) i;
-- repeat: 110
SELECT count(*) FROM shop.keyed;
DO $$ BEGIN FOR n IN 1 .. 5000 LOOP PERFORM a FROM shop.keyed WHERE id = n; END LOOP; END $$;
-- innocent: of many partitions, one is read as a whole
CREATE TABLE shop.parts (id bigint, who int, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.parts_1 PARTITION OF shop.parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.parts_2 PARTITION OF shop.parts FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO shop.parts SELECT i, i % 900, date '2026-01-01' + CASE WHEN i < 2000 THEN 1 ELSE 40 END
  FROM generate_series(1, 60000) i;
-- repeat: 120
SELECT count(*) FROM shop.parts WHERE day = '2026-01-02' AND who = 7;

-- case: a scan a day is a report
-- after: 40 days
-- expect nothing
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int);
INSERT INTO orders SELECT i, i % 500 FROM generate_series(1, 20000) i;
ANALYZE;
-- repeat: 120
SELECT count(*) FROM orders WHERE customer_id = 7;
