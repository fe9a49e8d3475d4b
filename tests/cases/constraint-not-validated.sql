-- case: added without looking at the rows
-- expect: constraint public.orders.orders_customer_fkey medium
-- expect: constraint public.orders.positive medium
-- expect: constraint public.empty.positive low
-- innocent: public.orders.sound was checked when it was added, public.orders.late was validated later
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total int, CONSTRAINT sound CHECK (total < 1000));
INSERT INTO orders VALUES (1, 7, -1);
ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;
ALTER TABLE orders ADD CONSTRAINT late CHECK (id > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT late;
CREATE TABLE empty (total int);
ALTER TABLE empty ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;

-- case: not-null constraints, and constraints that are not meant to hold
-- versions: 18-
-- expect: constraint public.orders.total_known medium
-- innocent: public.orders.declared is not enforced, which is another matter
CREATE TABLE orders (id bigint PRIMARY KEY, total int, CONSTRAINT declared CHECK (total > 0) NOT ENFORCED);
INSERT INTO orders VALUES (1, NULL);
ALTER TABLE orders ADD CONSTRAINT total_known NOT NULL total NOT VALID;

-- case: a table and its partitions
-- versions: 18-
-- expect: constraint public.lines.lines_order_id_fkey
-- innocent: the partitions carry copies of it
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TABLE lines (order_id bigint, at date) PARTITION BY RANGE (at);
CREATE TABLE lines_1 PARTITION OF lines FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders NOT VALID;
