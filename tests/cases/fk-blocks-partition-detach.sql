-- case: a reference to a table of months
-- expect: constraint shop.refund.refund_order_id_placed_fkey low certain
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint, placed date, PRIMARY KEY (id, placed)) PARTITION BY RANGE (placed);
CREATE TABLE shop.orders_1 PARTITION OF shop.orders FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.orders_2 PARTITION OF shop.orders FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE shop.refund (id bigint PRIMARY KEY, order_id bigint, placed date, FOREIGN KEY (order_id, placed) REFERENCES shop.orders);
DO $$ BEGIN
  DROP TABLE shop.orders_1;
  RAISE 'it was dropped';
EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
END $$;
-- innocent: nothing old is dropped from a table that is spread by a hash or a list
CREATE TABLE shop.account (id bigint PRIMARY KEY) PARTITION BY HASH (id);
CREATE TABLE shop.account_0 PARTITION OF shop.account FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE shop.login (id bigint PRIMARY KEY, account bigint REFERENCES shop.account);
-- innocent: a partitioned table that refers to a plain one
CREATE TABLE shop.shop (id bigint PRIMARY KEY);
CREATE TABLE shop.visit (shop bigint REFERENCES shop.shop, at date) PARTITION BY RANGE (at);
CREATE TABLE shop.visit_1 PARTITION OF shop.visit FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
