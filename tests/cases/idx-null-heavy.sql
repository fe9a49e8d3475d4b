-- case: most rows have no value
-- expect: index shop.orders_coupon_id low likely
-- expect: index shop.orders_deleted
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA shop;
CREATE TABLE shop.coupons (id bigint PRIMARY KEY);
INSERT INTO shop.coupons VALUES (1);
CREATE TABLE shop.orders (
  id bigint PRIMARY KEY, coupon_id bigint REFERENCES shop.coupons, deleted timestamptz, shipped_at timestamptz,
  email text, half int, code text);
INSERT INTO shop.orders
SELECT i, CASE WHEN i % 20 = 0 THEN 1 END, CASE WHEN i % 50 = 0 THEN now() END, CASE WHEN i % 100 = 0 THEN now() END,
       CASE WHEN i % 10 = 0 THEN 'e' || i END, CASE WHEN i % 2 = 0 THEN i END, CASE WHEN i % 10 = 0 THEN 'c' || i END
  FROM generate_series(1, 20000) i;
CREATE INDEX orders_coupon_id ON shop.orders (coupon_id);
CREATE INDEX orders_deleted ON shop.orders (deleted);
-- innocent: the nulls are what is searched
CREATE INDEX orders_shipped ON shop.orders (shipped_at);
ANALYZE shop.orders;
SELECT count(*) FROM shop.orders WHERE shipped_at IS NULL AND id < 5;
-- innocent: it keeps a rule
CREATE UNIQUE INDEX orders_email ON shop.orders (email);
-- innocent: half of the rows have a value
CREATE INDEX orders_half ON shop.orders (half);
-- innocent: the nulls are left out already, or another column follows
CREATE INDEX orders_code ON shop.orders (code) WHERE code IS NOT NULL;
CREATE INDEX orders_code_id ON shop.orders (code, id);
-- innocent: a small table
CREATE TABLE shop.small (a int);
INSERT INTO shop.small SELECT NULL FROM generate_series(1, 500);
CREATE INDEX ON shop.small (a);
ANALYZE shop.small;

-- case: without statistics nothing is known
-- as: nobody
-- expect not-assessed
CREATE TABLE t (a int);
INSERT INTO t SELECT NULL FROM generate_series(1, 20000) i;
CREATE INDEX ON t (a);
ANALYZE t;
