-- case: tenants without an index
-- limits: rows=1000
-- expect: column public.orders.tenant_id medium likely
-- expect: column public.payments.tenant_id medium likely
-- expect: column public.cast_away.tenant_id medium likely
-- expect: column "public.odd.The \"Tenant\"" medium
-- innocent: indexed has an index, few has three tenants, small is small, either has OR, of_text only looks cast,
-- innocent: asleep is not in force, by_part is partitioned by the tenant
CREATE FUNCTION current_tenant() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE TABLE orders AS SELECT n AS id, n % 100 AS tenant_id FROM generate_series(1, 5000) n;
CREATE INDEX ON orders (id, tenant_id);
CREATE POLICY own ON orders USING (tenant_id = current_setting('app.tenant')::int);
CREATE TABLE payments AS SELECT * FROM orders;
CREATE POLICY own ON payments USING (tenant_id = (SELECT current_tenant()));
CREATE TABLE cast_away AS SELECT * FROM orders;
CREATE INDEX ON cast_away (tenant_id);
CREATE POLICY own ON cast_away USING (tenant_id::text = current_setting('app.tenant'));
CREATE TABLE odd AS SELECT id, tenant_id::text AS "The ""Tenant""" FROM orders;
CREATE POLICY own ON odd USING ("The ""Tenant""" = current_user);
CREATE TABLE indexed AS SELECT * FROM orders;
CREATE INDEX ON indexed (tenant_id, id);
CREATE POLICY own ON indexed USING (tenant_id = current_setting('app.tenant')::int AND id > 0);
CREATE TABLE few AS SELECT id, id % 3 AS tenant_id FROM orders;
CREATE POLICY own ON few USING (tenant_id = current_tenant());
CREATE TABLE small AS SELECT * FROM orders LIMIT 10;
CREATE POLICY own ON small USING (tenant_id = current_tenant());
CREATE TABLE either AS SELECT * FROM orders;
CREATE POLICY own ON either USING (tenant_id = current_tenant() OR id = 1);
CREATE TABLE of_text AS SELECT id, tenant_id::varchar(20) AS tenant FROM orders;
CREATE INDEX ON of_text (tenant);
CREATE POLICY own ON of_text USING (tenant = current_setting('app.tenant'));
CREATE TABLE asleep AS SELECT * FROM orders;
CREATE POLICY own ON asleep USING (tenant_id = current_tenant());
CREATE TABLE by_part (id int, tenant_id int) PARTITION BY LIST (tenant_id);
CREATE TABLE by_part_1 PARTITION OF by_part DEFAULT;
INSERT INTO by_part SELECT * FROM orders;
CREATE POLICY own ON by_part USING (tenant_id = current_tenant());
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE cast_away ENABLE ROW LEVEL SECURITY;
ALTER TABLE odd ENABLE ROW LEVEL SECURITY;
ALTER TABLE indexed ENABLE ROW LEVEL SECURITY;
ALTER TABLE few ENABLE ROW LEVEL SECURITY;
ALTER TABLE small ENABLE ROW LEVEL SECURITY;
ALTER TABLE either ENABLE ROW LEVEL SECURITY;
ALTER TABLE of_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE by_part ENABLE ROW LEVEL SECURITY;
ANALYZE;
