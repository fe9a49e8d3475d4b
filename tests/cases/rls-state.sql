-- case: half set up
-- as: nobody
-- expect: table shop.orders high
-- expect: table shop.drafts medium
-- expect: table shop.invoices medium
-- expect: table shop.only_restrictive medium
-- expect: table shop.forced medium
-- expect: table shop.vault low
-- expect: table shop.readings high
-- innocent: customers has both, prices neither, events is partitioned and its partitions are closed
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, tenant text);
CREATE POLICY own_rows ON shop.orders USING (tenant = current_user);
GRANT SELECT ON shop.orders TO pg_monitor;
CREATE TABLE shop.drafts (id bigint PRIMARY KEY, tenant text);
CREATE POLICY own_rows ON shop.drafts USING (tenant = current_user);
CREATE TABLE shop.invoices (id bigint PRIMARY KEY);
ALTER TABLE shop.invoices ENABLE ROW LEVEL SECURITY;
GRANT SELECT (id) ON shop.invoices TO pg_monitor;
CREATE TABLE shop.only_restrictive (id bigint PRIMARY KEY);
ALTER TABLE shop.only_restrictive ENABLE ROW LEVEL SECURITY;
CREATE POLICY office ON shop.only_restrictive AS RESTRICTIVE USING (id > 0);
GRANT SELECT ON shop.only_restrictive TO pg_monitor;
CREATE TABLE shop.forced (id bigint PRIMARY KEY);
ALTER TABLE shop.forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE TABLE shop.vault (id bigint PRIMARY KEY);
ALTER TABLE shop.vault ENABLE ROW LEVEL SECURITY;
CREATE TABLE shop.readings (id bigint, tenant text, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.readings_1 PARTITION OF shop.readings FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
ALTER TABLE shop.readings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON shop.readings USING (tenant = current_user);
GRANT SELECT ON shop.readings, shop.readings_1 TO pg_monitor;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, tenant text);
ALTER TABLE shop.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON shop.customers USING (tenant = current_user);
GRANT SELECT ON shop.customers TO pg_monitor;
CREATE TABLE shop.prices (id bigint PRIMARY KEY);
GRANT SELECT ON shop.prices TO pg_monitor;
CREATE TABLE shop.events (id bigint, tenant text, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
ALTER TABLE shop.events ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON shop.events USING (tenant = current_user);
GRANT SELECT ON shop.events TO pg_monitor;
