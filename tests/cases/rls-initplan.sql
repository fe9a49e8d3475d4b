-- case: policies that ask for every row
-- expect: table shop.orders low certain
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, tenant bigint);
INSERT INTO shop.orders SELECT g, g % 10 FROM generate_series(1, 20000) g;
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.orders USING (tenant = current_setting('app.tenant')::bigint);
-- innocent: asked once for the statement
CREATE TABLE shop.asked (id bigint PRIMARY KEY, tenant bigint);
INSERT INTO shop.asked SELECT g, g % 10 FROM generate_series(1, 20000) g;
ALTER TABLE shop.asked ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.asked USING (tenant = (SELECT current_setting('app.tenant')::bigint));
-- innocent: a check of what is inserted
CREATE TABLE shop.inserted (id bigint PRIMARY KEY, tenant bigint);
INSERT INTO shop.inserted SELECT g, g % 10 FROM generate_series(1, 20000) g;
ALTER TABLE shop.inserted ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.inserted FOR INSERT WITH CHECK (tenant = current_setting('app.tenant')::bigint);
-- innocent: a few rows
CREATE TABLE shop.few (id bigint PRIMARY KEY, tenant bigint);
ALTER TABLE shop.few ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.few USING (tenant = current_setting('app.tenant')::bigint);
ANALYZE;
