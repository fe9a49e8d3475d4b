-- case: names and types that point to a key
-- expect: column public.orders.customer_id medium likely
-- expect: column public.orders.billing_customer_id low possible
-- expect: column public.orders.currency_code medium likely
-- expect: column public.invoices.order_id low possible
-- expect: column public.companies_people.personId low possible
-- innocent: public.orders.shop_id is declared, the pair in public.comments may refer to several tables,
-- innocent: stripe_customer_id is issued elsewhere, external_order_id too, public.audit_log keeps what is gone,
-- innocent: invoices.customer_id has another type, public.sensors.reading_id has more values than there are readings,
-- innocent: customers.customer_id is a name for itself, and public.visits.statement_id points to no table
CREATE TABLE shops (id bigint PRIMARY KEY);
CREATE TABLE customers (id bigint PRIMARY KEY, customer_id bigint);
INSERT INTO customers SELECT i FROM generate_series(1, 2000) AS i;
CREATE TABLE currencies (code char(3) PRIMARY KEY);
INSERT INTO currencies SELECT 'C' || i FROM generate_series(10, 40) AS i;
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, billing_customer_id bigint, currency_code char(3),
  shop_id bigint REFERENCES shops, stripe_customer_id bigint);
INSERT INTO orders SELECT i, i % 2000, i % 2000, 'C' || 10 + i % 30 FROM generate_series(1, 5000) AS i;
CREATE TABLE invoices (id bigint PRIMARY KEY, order_id bigint, external_order_id bigint, customer_id text);
CREATE TABLE comments (id bigint PRIMARY KEY, order_type text, order_id bigint);
CREATE TABLE audit_log (id bigint PRIMARY KEY, order_id bigint, customer_id bigint);
CREATE TABLE readings (id int PRIMARY KEY);
INSERT INTO readings SELECT i FROM generate_series(1, 10) AS i;
CREATE TABLE sensors (id int PRIMARY KEY, reading_id int);
INSERT INTO sensors SELECT i, i * 7 FROM generate_series(1, 3000) AS i;
CREATE TABLE "People" (id bigint PRIMARY KEY);
CREATE TABLE companies_people (id bigint PRIMARY KEY, "personId" bigint);
CREATE TABLE states (id bigint PRIMARY KEY);
CREATE TABLE visits (id bigint PRIMARY KEY, statement_id bigint, status_id text);
ANALYZE;

-- case: partitions that declare their references each for itself
-- expect passed
-- innocent: the reference is declared, though not at the whole
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TABLE lines (id bigint, order_id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE lines_1 PARTITION OF lines (FOREIGN KEY (order_id) REFERENCES orders)
  FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');

-- case: statements that join
-- expect: column public.lines.article_no medium likely
-- expect: column public.parcels.home_address_id low likely
-- innocent: nothing supports public.parcels.away_address_id
CREATE EXTENSION pg_stat_statements;
CREATE TABLE articles (article_no int PRIMARY KEY, name text);
CREATE TABLE lines (id int PRIMARY KEY, article_no int);
INSERT INTO lines SELECT i, i FROM generate_series(1, 2000) AS i;
CREATE TABLE addresses (id int PRIMARY KEY);
CREATE TABLE parcels (id int PRIMARY KEY, home_address_id int, away_address_id int);
SELECT count(*) FROM lines AS l JOIN articles AS a USING (article_no);
SELECT count(*) FROM parcels AS p JOIN addresses AS a ON a.id = p.home_address_id;

-- case: which of two tables is not clear
-- expect: column crm.calls.customer_id
-- innocent: from another schema both shop.customers and crm.customers could be meant
CREATE SCHEMA crm;
CREATE SCHEMA shop;
CREATE SCHEMA web;
CREATE TABLE crm.customers (id bigint PRIMARY KEY);
CREATE TABLE shop.customers (id bigint PRIMARY KEY);
CREATE TABLE crm.calls (id bigint PRIMARY KEY, customer_id bigint);
CREATE TABLE web.visits (id bigint PRIMARY KEY, customer_id bigint);

-- case: the module stands before the names of its tables
-- expect: column public.ward_visit.patient_id medium likely
-- expect: column public.wp_posts.user_id medium likely
-- innocent: public.shop_basket.patient_id is of another module, public.ward_visit.nurse_id may mean one of two tables
CREATE TABLE ward_patient (id bigint PRIMARY KEY, name text);
INSERT INTO ward_patient SELECT i, 'p' FROM generate_series(1, 500) AS i;
CREATE TABLE ward_night_nurse (id bigint PRIMARY KEY);
CREATE TABLE ward_day_nurse (id bigint PRIMARY KEY);
CREATE TABLE ward_visit (id bigint PRIMARY KEY, patient_id bigint, nurse_id bigint);
INSERT INTO ward_visit SELECT i, 1 + i % 500 FROM generate_series(1, 2000) AS i;
CREATE TABLE shop_basket (id bigint PRIMARY KEY, patient_id bigint);
INSERT INTO shop_basket SELECT i, 1 + i % 500 FROM generate_series(1, 2000) AS i;
CREATE TABLE wp_users (id bigint PRIMARY KEY, name text);
INSERT INTO wp_users SELECT i, 'u' FROM generate_series(1, 500) AS i;
CREATE TABLE wp_posts (id bigint PRIMARY KEY, user_id bigint);
INSERT INTO wp_posts SELECT i, 1 + i % 500 FROM generate_series(1, 2000) AS i;
ANALYZE;
