-- case: expected and never lacking
-- expect: table public.orders low likely
-- expect: column public.lines.customer_id low likely
-- expect: column public.lines.total low likely
-- innocent: of public.orders, where five columns are one finding, note merely happens to be filled, shop_id has nulls,
-- innocent: checked is checked, status is mandatory, deleted_at marks deletion, and public.few is small
CREATE TABLE customers (id bigint PRIMARY KEY);
INSERT INTO customers SELECT generate_series(1, 100);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, active boolean,
  created_at timestamptz, total int DEFAULT 0, number int UNIQUE, note text, shop_id bigint REFERENCES customers, checked int DEFAULT 1,
  status text NOT NULL DEFAULT 'open', deleted_at timestamptz, CHECK (checked IS NOT NULL));
INSERT INTO orders SELECT i, i % 100 + 1, true, now(), i, i, 'n' || i, CASE WHEN i % 2 = 0 THEN 1 END, 1, 'open', now()
  FROM generate_series(1, 12000) AS i;
CREATE TABLE lines (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, total int DEFAULT 0, note text);
INSERT INTO lines SELECT i, i % 100 + 1, i, 'n' FROM generate_series(1, 12000) AS i;
CREATE TABLE few (id bigint PRIMARY KEY, total int DEFAULT 0);
INSERT INTO few SELECT i, i FROM generate_series(1, 500) AS i;
ANALYZE;

-- case: statistics that have aged prove nothing
-- expect passed
-- innocent: nulls may have come since
CREATE TABLE orders (id bigint PRIMARY KEY, total int DEFAULT 0);
INSERT INTO orders SELECT i, i FROM generate_series(1, 12000) AS i;
ANALYZE orders;
UPDATE orders SET total = NULL WHERE id % 2 = 0;

-- case: values that may not be seen
-- as: nobody
-- expect not-assessed
CREATE TABLE orders (id bigint PRIMARY KEY, total int DEFAULT 0);
INSERT INTO orders SELECT i, i FROM generate_series(1, 12000) AS i;
ANALYZE orders;
