-- case: unique by habit
-- expect: column public.customers.email medium likely
-- expect: column public.products.product_code medium likely
-- expect: column public.accounts.username medium likely
-- innocent: emails of public.users are unique in lower case, public.members has them unique within a team, public.leads
-- innocent: repeats them, public.mail_log records, public.few has few rows, public.customers.name is no key, and
-- innocent: public.orders.product_code refers to another table
CREATE TABLE customers (id bigint PRIMARY KEY, email text, name text);
INSERT INTO customers SELECT i, 'c' || i || '@shop.example', 'n' || i FROM generate_series(1, 3000) AS i;
CREATE TABLE products (id bigint PRIMARY KEY, product_code varchar(20) NOT NULL UNIQUE DEFERRABLE, sku int);
INSERT INTO products SELECT i, 'P' || i, i % 100 FROM generate_series(1, 3000) AS i;
ALTER TABLE products DROP CONSTRAINT products_product_code_key;
CREATE TABLE accounts (id bigint PRIMARY KEY, username text, deleted_at timestamptz);
INSERT INTO accounts SELECT i, 'u' || i FROM generate_series(1, 3000) AS i;
CREATE TABLE users (id bigint PRIMARY KEY, email text);
INSERT INTO users SELECT i, 'c' || i || '@shop.example' FROM generate_series(1, 3000) AS i;
CREATE UNIQUE INDEX ON users (lower(email));
CREATE TABLE members (id bigint PRIMARY KEY, team int, email text, UNIQUE (team, email));
INSERT INTO members SELECT i, 1, 'c' || i || '@shop.example' FROM generate_series(1, 3000) AS i;
CREATE TABLE leads (id bigint PRIMARY KEY, email text);
INSERT INTO leads SELECT i, 'c' || i / 2 || '@shop.example' FROM generate_series(1, 3000) AS i;
CREATE TABLE mail_log (id bigint PRIMARY KEY, email text);
INSERT INTO mail_log SELECT i, 'c' || i || '@shop.example' FROM generate_series(1, 3000) AS i;
CREATE TABLE few (id bigint PRIMARY KEY, email text);
INSERT INTO few SELECT i, 'c' || i || '@shop.example' FROM generate_series(1, 300) AS i;
CREATE TABLE catalogue (code text PRIMARY KEY);
INSERT INTO catalogue SELECT 'P' || i FROM generate_series(1, 3000) AS i;
CREATE TABLE orders (id bigint PRIMARY KEY, code text REFERENCES catalogue);
INSERT INTO orders SELECT i, 'P' || i FROM generate_series(1, 3000) AS i;
ANALYZE;

-- case: values that may not be counted
-- as: nobody
-- expect not-assessed
CREATE TABLE customers (id bigint PRIMARY KEY, email text);
INSERT INTO customers SELECT i, 'c' || i || '@shop.example' FROM generate_series(1, 3000) AS i;
ANALYZE;
