-- case: plain, partial, wrong order, second key column, self reference
-- expect: column shop.lines.order_id
-- expect: column shop.payments.order_id
-- expect: constraint shop.stock.stock_ab_fkey
-- expect: column shop.tree.parent_id
-- expect: column shop.membership.b_id
-- innocent: shop.notes has an index on the column, shop.optional a partial one that leaves out only nulls,
-- innocent: shop.swapped an index with the columns in the other order, shop.membership.a_id the primary key's first column
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY);
CREATE TABLE shop.pairs (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE shop.lines (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders);
CREATE TABLE shop.payments (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders, paid boolean);
CREATE INDEX ON shop.payments (order_id) WHERE paid;
CREATE TABLE shop.stock (id bigint PRIMARY KEY, a int, b int, c int, FOREIGN KEY (a, b) REFERENCES shop.pairs);
CREATE INDEX ON shop.stock (a, c, b);
CREATE TABLE shop.swapped (id bigint PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES shop.pairs);
CREATE INDEX ON shop.swapped (b, a);
CREATE TABLE shop.tree (id bigint PRIMARY KEY, parent_id bigint REFERENCES shop.tree);
CREATE TABLE shop.membership (
  a_id bigint REFERENCES shop.orders, b_id bigint REFERENCES shop.orders, PRIMARY KEY (a_id, b_id));
CREATE TABLE shop.notes (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders);
CREATE INDEX ON shop.notes (order_id);
CREATE TABLE shop.optional (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders);
CREATE INDEX ON shop.optional (order_id) WHERE order_id IS NOT NULL;

-- case: partitioned tables count once
-- expect: column public.bare.order_id
-- innocent: public.served is partitioned and its index reaches every partition
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TABLE bare (id bigint, order_id bigint REFERENCES orders, day date) PARTITION BY RANGE (day);
CREATE TABLE bare_1 PARTITION OF bare FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE bare_2 PARTITION OF bare FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE served (id bigint, order_id bigint REFERENCES orders, day date) PARTITION BY RANGE (day);
CREATE TABLE served_1 PARTITION OF served FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE INDEX ON served (order_id);
