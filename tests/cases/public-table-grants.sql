-- case: granted to everybody
-- as: nobody
-- expect: table public.orders high
-- expect: table public.customers medium
-- expect: table public.regions low
-- expect: table public.salaries medium
-- expect: table hidden.notes medium
-- expect: table public.readings high
-- expect: view public.order_entry high
-- expect: sequence public.ticket_numbers medium
-- innocent: countries are reference data by a code,
-- innocent: price_list is an interface that everybody reads, invoices is granted to one role,
-- innocent: statistics of the extension are everybody's by its own choice, tickets_seen may only be looked at
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, total numeric);
GRANT ALL ON orders TO PUBLIC;
GRANT USAGE ON SEQUENCE orders_id_seq TO PUBLIC;
CREATE TABLE customers (id bigint PRIMARY KEY, name text);
INSERT INTO customers SELECT n, 'name' FROM generate_series(1, 20000) n;
ANALYZE customers;
GRANT SELECT ON customers TO PUBLIC;
CREATE TABLE countries (code char(2) PRIMARY KEY, name text);
GRANT SELECT ON countries TO PUBLIC;
CREATE TABLE regions (id int PRIMARY KEY, name text);
GRANT SELECT ON regions TO PUBLIC;
-- Few rows, but about customers
CREATE TABLE salaries (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, amount numeric);
GRANT SELECT ON salaries TO PUBLIC;
CREATE SCHEMA hidden;
CREATE TABLE hidden.notes (id bigint PRIMARY KEY);
GRANT INSERT ON hidden.notes TO PUBLIC;
CREATE TABLE readings (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE readings_1 PARTITION OF readings FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE readings_2 PARTITION OF readings FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
GRANT DELETE ON readings_1, readings_2 TO PUBLIC;
CREATE VIEW order_entry AS SELECT * FROM orders;
GRANT SELECT, INSERT ON order_entry TO PUBLIC;
CREATE SEQUENCE ticket_numbers;
GRANT UPDATE ON SEQUENCE ticket_numbers TO PUBLIC;
CREATE SEQUENCE tickets_seen;
GRANT SELECT ON SEQUENCE tickets_seen TO PUBLIC;
CREATE VIEW price_list AS SELECT id FROM orders;
GRANT SELECT ON price_list TO PUBLIC;
CREATE TABLE invoices (id bigint PRIMARY KEY);
GRANT SELECT, INSERT ON invoices TO pg_monitor;
CREATE EXTENSION pg_stat_statements;

-- case: nothing granted
-- innocent: tables without a list of privileges belong to their owner alone
-- expect passed
CREATE TABLE orders (id bigint PRIMARY KEY);
