-- case: views over a table with policies
-- own server
-- as: nobody
-- expect: view shop.all_orders high certain
-- expect: view shop.of_the_owner high
-- expect: view shop.for_nobody low
-- expect: view shop.gateway low possible
-- expect: view shop.outer_view high
-- innocent: invoking asks as its caller, of_another is owned by a role that is subject to the policies,
-- innocent: price_list reads a table without policies, over_forced belongs to the owner of a table that forces them,
-- innocent: wrapping reads an ordinary view, which is reported itself
-- versions: 15-
CREATE ROLE tenant LOGIN;
CREATE ROLE app_owner LOGIN;
CREATE ROLE report_owner LOGIN;
CREATE SCHEMA shop AUTHORIZATION app_owner;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, tenant text);
ALTER TABLE shop.orders OWNER TO app_owner;
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON shop.orders USING (tenant = current_user);
CREATE TABLE shop.invoices (id bigint PRIMARY KEY, tenant text);
ALTER TABLE shop.invoices OWNER TO app_owner;
ALTER TABLE shop.invoices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON shop.invoices USING (tenant = current_user);
CREATE TABLE shop.prices (id bigint PRIMARY KEY);
CREATE VIEW shop.all_orders AS SELECT * FROM shop.orders;
GRANT SELECT ON shop.all_orders TO tenant;
CREATE VIEW shop.of_the_owner AS SELECT * FROM shop.orders;
ALTER VIEW shop.of_the_owner OWNER TO app_owner;
GRANT SELECT ON shop.of_the_owner TO tenant;
CREATE VIEW shop.for_nobody AS SELECT * FROM shop.orders;
CREATE VIEW shop.gateway WITH (security_barrier) AS SELECT * FROM shop.orders WHERE tenant = current_user;
GRANT SELECT ON shop.gateway TO tenant;
CREATE VIEW shop.invoking WITH (security_invoker) AS SELECT * FROM shop.orders;
GRANT SELECT ON shop.invoking TO tenant;
CREATE VIEW shop.outer_view AS SELECT * FROM shop.invoking;
GRANT SELECT ON shop.outer_view TO tenant;
CREATE VIEW shop.of_another AS SELECT * FROM shop.orders;
ALTER VIEW shop.of_another OWNER TO report_owner;
GRANT SELECT ON shop.of_another TO tenant;
CREATE VIEW shop.price_list AS SELECT * FROM shop.prices;
GRANT SELECT ON shop.price_list TO tenant;
CREATE VIEW shop.over_forced AS SELECT * FROM shop.invoices;
ALTER VIEW shop.over_forced OWNER TO app_owner;
GRANT SELECT ON shop.over_forced TO tenant;
CREATE VIEW shop.wrapping AS SELECT * FROM shop.all_orders;
GRANT SELECT ON shop.wrapping TO tenant;

-- case: before version 15
-- on: 14
-- expect: view public.all_orders high
-- innocent: there is no security_invoker to set, but a role that is subject to the policies may own the view
CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE VIEW all_orders AS SELECT * FROM orders;
GRANT SELECT ON all_orders TO PUBLIC;
