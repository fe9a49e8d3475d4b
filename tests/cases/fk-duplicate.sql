-- case: twice the same, and what only looks so
-- expect: constraint public.lines.lines_order_id_fkey1 low
-- expect: constraint public.swapped.swapped_a_b_fkey low
-- expect: constraint public.torn.torn_order_id_fkey medium
-- expect: constraint public.unchecked.a_new low
-- innocent: two columns of public.transfers refer to one table, and public.versioned refers to two keys of one
CREATE TABLE orders (id bigint PRIMARY KEY, version int, UNIQUE (id, version));
CREATE TABLE lines (order_id bigint REFERENCES orders, FOREIGN KEY (order_id) REFERENCES orders);
CREATE TABLE swapped (a bigint, b int, FOREIGN KEY (a, b) REFERENCES orders (id, version),
  CONSTRAINT swapped_again FOREIGN KEY (b, a) REFERENCES orders (version, id));
CREATE TABLE torn (order_id bigint REFERENCES orders);
ALTER TABLE torn ADD CONSTRAINT torn_cascades FOREIGN KEY (order_id) REFERENCES orders ON DELETE CASCADE;
CREATE TABLE unchecked (order_id bigint REFERENCES orders);
ALTER TABLE unchecked ADD CONSTRAINT a_new FOREIGN KEY (order_id) REFERENCES orders NOT VALID;
CREATE TABLE transfers (from_id bigint REFERENCES orders, to_id bigint REFERENCES orders);
CREATE TABLE versioned (id bigint REFERENCES orders, version int, FOREIGN KEY (id, version) REFERENCES orders (id, version));

-- case: partitions repeat their table's references
-- expect passed
-- innocent: the copies are one reference
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TABLE lines (order_id bigint REFERENCES orders, at date) PARTITION BY RANGE (at);
CREATE TABLE lines_1 PARTITION OF lines FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
