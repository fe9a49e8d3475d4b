-- case: few values without a list
-- expect: column public.orders.status info likely
-- expect: column public.orders.payment_method info
-- innocent: shipping_status is checked, priority refers to a table, kind is enumerated, grade_level a domain,
-- innocent: owner_type says which table owner_id means, category holds many values, statement is no state, and
-- innocent: public.few is small
CREATE TYPE kind AS ENUM ('a', 'b');
CREATE DOMAIN grade AS text CHECK (VALUE IN ('x', 'y'));
CREATE TABLE priorities (name text PRIMARY KEY);
INSERT INTO priorities VALUES ('high'), ('low');
CREATE TABLE orders (id bigint PRIMARY KEY, status text, payment_method varchar(20),
  shipping_status text CHECK (shipping_status IN ('open', 'sent')), priority text REFERENCES priorities, kind kind,
  grade_level grade, owner_type text, owner_id bigint, category text, statement text);
INSERT INTO orders SELECT i, CASE i % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'paid' ELSE 'sent' END,
  CASE i % 2 WHEN 0 THEN 'card' ELSE 'cash' END, 'open', 'high', 'a', 'x',
  CASE i % 2 WHEN 0 THEN 'User' ELSE 'Shop' END, i, 'c' || i % 500, 's' || i % 3 FROM generate_series(1, 3000) AS i;
CREATE TABLE few (id bigint PRIMARY KEY, status text);
INSERT INTO few SELECT i, CASE i % 2 WHEN 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 100) AS i;
ANALYZE;

-- case: values that may not be counted
-- as: nobody
-- expect not-assessed
CREATE TABLE orders (id bigint PRIMARY KEY, status text);
INSERT INTO orders SELECT i, 'open' FROM generate_series(1, 3000) AS i;
ANALYZE;
