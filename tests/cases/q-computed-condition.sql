-- case: lower case of an address
-- own server
-- expect: query *
CREATE EXTENSION pg_stat_statements;
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL, note text NOT NULL);
INSERT INTO customers SELECT g, 'M' || g || '@example.com', repeat('x', 50) FROM generate_series(1, 12000) g;
CREATE INDEX customers_email ON customers (email);
CREATE TABLE accounts (id bigint PRIMARY KEY, email text NOT NULL);
INSERT INTO accounts SELECT id, email FROM customers;
CREATE INDEX accounts_email ON accounts (lower(email));
VACUUM ANALYZE;
SELECT pg_stat_statements_reset();
-- repeat: 30
SELECT id FROM customers WHERE lower(email) = 'm17@example.com';
-- innocent: the column itself
-- repeat: 30
SELECT id FROM customers WHERE email = 'M17@example.com';
-- innocent: an index holds the expression
-- repeat: 30
SELECT id FROM accounts WHERE lower(email) = 'm17@example.com';
