-- case: the ways in which a reference goes without an index
-- expect: column shop.lines.order_id
-- expect: column shop.payments.order_id
-- expect: constraint shop.stock.stock_a_b_fkey
-- expect: column shop.tree.parent_id
-- expect: column shop.membership.b_id
-- expect: column shop.refunds.order_id
-- expect: column shop.teams.captain_id
-- expect: column shop.players.team_id
-- expect: column shop.returns.order_id
-- innocent: shop.notes has an index on the column, shop.optional a partial one that leaves out only nulls, shop.swapped
-- innocent: an index with the columns in the other order, shop.membership.a_id the primary key's first column,
-- innocent: shop.extra a primary key that is the reference, shop.hashed a hash index, shop.covered one with payload
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
-- The only index of shop.refunds was left behind invalid, that of shop.returns is over an expression.
CREATE TABLE shop.refunds (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders);
CREATE INDEX refunds_order ON shop.refunds (order_id);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.refunds_order'::regclass;
CREATE TABLE shop.returns (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders);
CREATE INDEX ON shop.returns ((order_id + 0));
CREATE TABLE shop.teams (id bigint PRIMARY KEY, captain_id bigint);
CREATE TABLE shop.players (id bigint PRIMARY KEY, team_id bigint REFERENCES shop.teams);
ALTER TABLE shop.teams ADD FOREIGN KEY (captain_id) REFERENCES shop.players;
CREATE TABLE shop.extra (order_id bigint PRIMARY KEY REFERENCES shop.orders);
CREATE TABLE shop.hashed (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders);
CREATE INDEX ON shop.hashed USING hash (order_id);
CREATE TABLE shop.covered (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders, paid boolean);
CREATE INDEX ON shop.covered (order_id, id) INCLUDE (paid);

-- case: partitioned tables count once
-- expect: column public.bare.order_id
-- expect: column public.waiting.order_id
-- expect: constraint public.readings.readings_sensor_id_region_fkey
-- expect: column public.leafwise.order_id
-- innocent: public.served is partitioned and its index reaches every partition, public.by_leaf has one in each;
-- innocent: public.sensors is partitioned, and a reference to it counts once
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TABLE bare (id bigint, order_id bigint REFERENCES orders, day date) PARTITION BY RANGE (day);
CREATE TABLE bare_1 PARTITION OF bare FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE bare_2 PARTITION OF bare FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE served (id bigint, order_id bigint REFERENCES orders, day date) PARTITION BY RANGE (day);
CREATE TABLE served_1 PARTITION OF served FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE INDEX ON served (order_id);
CREATE TABLE by_leaf (id bigint, order_id bigint REFERENCES orders, day date) PARTITION BY RANGE (day);
CREATE TABLE by_leaf_1 PARTITION OF by_leaf FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE INDEX ON by_leaf_1 (order_id);
CREATE TABLE waiting (id bigint, order_id bigint REFERENCES orders, day date) PARTITION BY RANGE (day);
CREATE TABLE waiting_1 PARTITION OF waiting FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE waiting_2 PARTITION OF waiting FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE INDEX waiting_order ON ONLY waiting (order_id);
CREATE INDEX waiting_1_order ON waiting_1 (order_id);
ALTER INDEX waiting_order ATTACH PARTITION waiting_1_order;
CREATE TABLE sensors (id bigint, region int, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE sensors_1 PARTITION OF sensors FOR VALUES IN (1);
CREATE TABLE sensors_2 PARTITION OF sensors FOR VALUES IN (2);
CREATE TABLE readings (sensor_id bigint, region int, FOREIGN KEY (sensor_id, region) REFERENCES sensors);
CREATE TABLE leafwise (order_id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE leafwise_1 PARTITION OF leafwise (FOREIGN KEY (order_id) REFERENCES orders)
  FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE leafwise_2 PARTITION OF leafwise (FOREIGN KEY (order_id) REFERENCES orders)
  FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');

-- case: the condition of a locked table's index cannot be read
-- expect: column public.plain.order_id
-- innocent: the index of public.locked leaves out only nulls, but that is not visible while the lock is held
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TABLE plain (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);
CREATE TABLE locked (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);
CREATE INDEX ON locked (order_id) WHERE order_id IS NOT NULL;
-- session other
BEGIN;
LOCK TABLE locked IN ACCESS EXCLUSIVE MODE;
-- main
