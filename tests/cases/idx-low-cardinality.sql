-- case: flags and states
-- expect: index shop.orders_paid low likely
-- expect: index shop.orders_state
-- expect: index shop.orders_wide_scan
CREATE SCHEMA shop;
CREATE TABLE shop.countries (id int PRIMARY KEY);
INSERT INTO shop.countries VALUES (0), (1), (2), (3);
CREATE TABLE shop.orders (
  id bigint PRIMARY KEY, paid boolean, state text, kind int, country_id int REFERENCES shop.countries, code text,
  rare boolean, watched boolean, at timestamptz);
INSERT INTO shop.orders
SELECT i, i % 2 = 0, CASE i % 4 WHEN 0 THEN 'new' WHEN 1 THEN 'sent' WHEN 2 THEN 'paid' ELSE 'done' END, i % 3, i % 4,
       'c' || i, i % 1000 = 0, i % 1000 = 0, now() FROM generate_series(1, 20000) i;
CREATE INDEX orders_paid ON shop.orders (paid);
CREATE INDEX orders_state ON shop.orders (state);
CREATE INDEX orders_wide_scan ON shop.orders (kind);
-- innocent: the only index of a foreign key
CREATE INDEX orders_country ON shop.orders (country_id);
-- innocent: many values
CREATE INDEX orders_code ON shop.orders (code);
CREATE INDEX orders_at ON shop.orders (id, paid);
-- innocent: a few values lead, a selective column follows
CREATE INDEX orders_paid_at ON shop.orders (paid, at);
DROP INDEX shop.orders_paid_at;
-- innocent: partial indexes on one of the values
CREATE INDEX orders_open ON shop.orders (state) WHERE state = 'new';
-- innocent: one value dominates, so the index may be there for the other
CREATE INDEX orders_rare ON shop.orders (rare);
-- innocent: its scans find a rare value
CREATE INDEX orders_watched ON shop.orders (watched);
ANALYZE shop.orders;
SET enable_seqscan = off;
SELECT count(at) FROM shop.orders WHERE watched;
SELECT count(at) FROM shop.orders WHERE kind = 1;
-- innocent: a small table
CREATE TABLE shop.small (id int PRIMARY KEY, paid boolean);
INSERT INTO shop.small SELECT i, i % 2 = 0 FROM generate_series(1, 100) i;
CREATE INDEX ON shop.small (paid);
ANALYZE shop.small;

-- case: without statistics nothing is known
-- as: nobody
-- expect not-assessed
CREATE TABLE t (state text);
INSERT INTO t SELECT 's' || i % 3 FROM generate_series(1, 20000) i;
CREATE INDEX ON t (state);
ANALYZE t;

-- case: an index on arrays
-- innocent: idx-btree-on-array has better advice for it
-- expect passed
CREATE TABLE pallet (id bigint PRIMARY KEY, tags text[]);
INSERT INTO pallet SELECT i, ARRAY['a', 'b' || i % 9] FROM generate_series(1, 20000) i;
CREATE INDEX pallet_tags ON pallet (tags);
ANALYZE pallet;
