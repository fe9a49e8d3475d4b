-- case: payload columns that another index holds
-- expect: index shop.orders_customer_carries_at low likely
-- expect: index shop.lines_a
-- expect: index shop.lines_b_carries_c
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id bigint, at timestamptz);
CREATE INDEX orders_customer_carries_at ON shop.orders (customer_id) INCLUDE (at);
CREATE INDEX orders_customer_at ON shop.orders (customer_id, at);
CREATE TABLE shop.lines (id bigint PRIMARY KEY, a int, b int, c int, d int);
CREATE INDEX lines_a ON shop.lines (a);
CREATE INDEX lines_a_carries_b ON shop.lines (a) INCLUDE (b);
CREATE INDEX lines_b_carries_c ON shop.lines (b) INCLUDE (c);
CREATE INDEX lines_b_carries_c_d ON shop.lines (b) INCLUDE (d, c);

-- innocent: each carries something that the other lacks, or keeps a rule
CREATE TABLE shop.alike (id bigint PRIMARY KEY, code text UNIQUE, a int, b int, c int);
CREATE INDEX ON shop.alike (a) INCLUDE (b);
CREATE INDEX ON shop.alike (a) INCLUDE (c);
CREATE INDEX ON shop.alike (id) INCLUDE (a);
CREATE INDEX ON shop.alike (code) INCLUDE (a);
CREATE INDEX ON shop.alike (b) INCLUDE (a) WHERE c > 0;
CREATE INDEX ON shop.alike (b, a);
