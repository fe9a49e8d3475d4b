-- case: policies that are always true
-- as: nobody
-- expect: policy public.orders.anything high
-- expect: policy public.orders.new_rows medium
-- expect: policy public.invoices.members high
-- expect: policy public.drafts.anybody_adds medium
-- innocent: everybody reads orders, own_rows has a condition, support is one role among others,
-- innocent: base is narrowed by a restrictive policy, sleeping is not in force
CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON orders USING (tenant = current_user);
CREATE POLICY readers ON orders FOR SELECT USING (true);
CREATE POLICY anything ON orders USING (true);
CREATE POLICY new_rows ON orders FOR INSERT WITH CHECK (true);
CREATE TABLE invoices (id bigint PRIMARY KEY, tenant text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON invoices TO pg_monitor;
CREATE POLICY members ON invoices FOR UPDATE TO pg_monitor USING (true);
CREATE TABLE drafts (id bigint PRIMARY KEY, tenant text);
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
CREATE POLICY anybody_adds ON drafts USING (tenant = current_user) WITH CHECK (true);
CREATE TABLE tickets (id bigint PRIMARY KEY, tenant text);
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON tickets TO pg_monitor, pg_read_all_stats;
CREATE POLICY own_rows ON tickets TO pg_read_all_stats USING (tenant = current_user);
CREATE POLICY support ON tickets TO pg_monitor USING (true);
CREATE TABLE files (id bigint PRIMARY KEY, tenant text);
ALTER TABLE files ENABLE ROW LEVEL SECURITY;
CREATE POLICY base ON files USING (true);
CREATE POLICY of_tenant ON files AS RESTRICTIVE USING (tenant = current_user);
CREATE TABLE asleep (id bigint PRIMARY KEY);
CREATE POLICY sleeping ON asleep USING (true);
