-- case: two that are joined by OR
-- expect: table shop.orders low likely
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, tenant bigint, public boolean);
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.orders USING (tenant = 1);
CREATE POLICY everybody ON shop.orders FOR SELECT USING (public);
-- innocent: a restrictive one narrows
CREATE TABLE shop.narrowed (id bigint PRIMARY KEY, tenant bigint, deleted boolean);
ALTER TABLE shop.narrowed ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.narrowed USING (tenant = 1);
CREATE POLICY alive ON shop.narrowed AS RESTRICTIVE USING (NOT deleted);
-- innocent: another command, another role
CREATE TABLE shop.parted (id bigint PRIMARY KEY, tenant bigint);
ALTER TABLE shop.parted ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON shop.parted FOR SELECT USING (true);
CREATE POLICY writing ON shop.parted FOR INSERT WITH CHECK (tenant = 1);
CREATE POLICY monitoring ON shop.parted FOR UPDATE TO pg_monitor USING (true);
CREATE POLICY changing ON shop.parted FOR UPDATE TO pg_signal_backend USING (tenant = 1);
-- innocent: policies that do not apply
CREATE TABLE shop.off (id bigint PRIMARY KEY, a int, b int);
CREATE POLICY one ON shop.off USING (a = 1);
CREATE POLICY two ON shop.off USING (b = 1);
