-- case: years as tables, and tenants as tables
-- expect: schema shop medium likely
-- expect: schema shop medium likely
CREATE SCHEMA shop;
CREATE TABLE shop.orders_2023 (id bigint PRIMARY KEY, total numeric, placed_at timestamptz);
CREATE TABLE shop.orders_2024 (LIKE shop.orders_2023 INCLUDING ALL);
CREATE TABLE shop.orders_2025 (LIKE shop.orders_2023 INCLUDING ALL);
CREATE TABLE shop.ledger_t1 (id bigint PRIMARY KEY, amount numeric);
CREATE TABLE shop.ledger_t2 (LIKE shop.ledger_t1 INCLUDING ALL);
CREATE TABLE shop.ledger_t3 (LIKE shop.ledger_t1 INCLUDING ALL);
-- innocent: two are not a habit
CREATE TABLE shop.copy_1 (id bigint PRIMARY KEY, a int);
CREATE TABLE shop.copy_2 (id bigint PRIMARY KEY, a int);
-- innocent: numbers that belong to the name, over different columns
CREATE TABLE shop.form_1040 (id bigint PRIMARY KEY, income numeric);
CREATE TABLE shop.form_1099 (id bigint PRIMARY KEY, payer text);
CREATE TABLE shop.form_940 (id bigint PRIMARY KEY, wages numeric, state text);
-- innocent: partitions are what the copies should be
CREATE TABLE shop.event (id bigint, at date) PARTITION BY RANGE (at);
CREATE TABLE shop.event_2023 PARTITION OF shop.event FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE shop.event_2024 PARTITION OF shop.event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.event_2025 PARTITION OF shop.event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- innocent: children of a parent by inheritance are another matter
CREATE TABLE shop.log (id bigint, what text);
CREATE TABLE shop.log_2023 () INHERITS (shop.log);
CREATE TABLE shop.log_2024 () INHERITS (shop.log);
CREATE TABLE shop.log_2025 () INHERITS (shop.log);
-- innocent: the same columns under names of their own
CREATE TABLE shop.colour (id int PRIMARY KEY, name text);
CREATE TABLE shop.shape (id int PRIMARY KEY, name text);
CREATE TABLE shop.size (id int PRIMARY KEY, name text);
