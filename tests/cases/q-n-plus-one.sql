-- case: children fetched parent by parent
-- own server
-- expect: query * medium
CREATE EXTENSION pg_stat_statements;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, at date);
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders, what text);
CREATE INDEX ON lines (order_id);
CREATE TABLE country (code text PRIMARY KEY, name text);
INSERT INTO orders SELECT g, g % 50, '2026-01-01' FROM generate_series(1, 500) g;
INSERT INTO lines SELECT g, g % 500 + 1, 'x' FROM generate_series(1, 2000) g;
SELECT pg_stat_statements_reset();
-- repeat: 20
SELECT id, at FROM orders WHERE customer_id = 7;
-- repeat: 200
SELECT id, what FROM lines WHERE order_id = 8;
-- innocent: a hot look-up that follows no other statement, however often it is called
-- repeat: 300
SELECT name FROM country WHERE code = 'AT';

-- case: a join, and a look-up of its own
-- own server
-- innocent: the look-up is called more often than anything returned rows
-- expect passed
CREATE EXTENSION pg_stat_statements;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int);
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders);
CREATE INDEX ON lines (order_id);
INSERT INTO orders SELECT g, g % 50 FROM generate_series(1, 500) g;
SELECT pg_stat_statements_reset();
-- repeat: 20
SELECT o.id, l.id FROM orders o JOIN lines l ON l.order_id = o.id WHERE customer_id = 7;
-- repeat: 20
SELECT id FROM orders WHERE customer_id = 7;
-- repeat: 900
SELECT id FROM lines WHERE order_id = 8;
