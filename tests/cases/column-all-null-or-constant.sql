-- case: dead columns
-- expect: column public.orders.legacy_code low possible
-- expect: column public.orders.version low possible
-- expect: table public.wide low possible
-- innocent: a flag, a reference, a time that has not come, a mark of deletion, a column that a view reads and one with
-- innocent: a check are left alone, rare is filled sometimes, and public.few is small
CREATE TABLE shops (id bigint PRIMARY KEY);
INSERT INTO shops VALUES (1);
CREATE TABLE orders (id bigint PRIMARY KEY, legacy_code text, version int DEFAULT 1, active boolean DEFAULT true,
  shop_id bigint REFERENCES shops DEFAULT 1, cancelled_at timestamptz, deleted_at timestamptz, seen text,
  limited text CHECK (limited <> ''), rare text, total int);
INSERT INTO orders (id, rare, total) SELECT i, CASE WHEN i % 50 = 0 THEN 'x' END, i FROM generate_series(1, 12000) AS i;
CREATE TABLE wide (id bigint PRIMARY KEY, a text, b text, c int DEFAULT 0, d text DEFAULT '', e int);
INSERT INTO wide (id, e) SELECT i, i FROM generate_series(1, 12000) AS i;
-- innocent: each insert gives the payload
CREATE TABLE outbox (id bigint PRIMARY KEY, payload jsonb NOT NULL);
INSERT INTO outbox SELECT i, '{}' FROM generate_series(1, 12000) AS i;
CREATE VIEW shown AS SELECT id, seen FROM orders;
CREATE TABLE few (id bigint PRIMARY KEY, legacy_code text);
INSERT INTO few SELECT i FROM generate_series(1, 500) AS i;
ANALYZE;

-- case: values that may not be seen
-- as: nobody
-- expect not-assessed
CREATE TABLE orders (id bigint PRIMARY KEY, legacy_code text);
INSERT INTO orders SELECT i FROM generate_series(1, 12000) AS i;
ANALYZE orders;
