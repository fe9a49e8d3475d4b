-- case: the application owns its tables
-- own server
-- expect: table public.orders high likely
-- expect: table public.notes high likely
-- expect: table public.alone medium likely
-- innocent: forced holds for the owner too, of_migrations is owned by a role that no application uses,
-- innocent: of_postgres belongs to a superuser, which is another check's matter; plain has no policies
CREATE EXTENSION dblink;
CREATE ROLE crm LOGIN PASSWORD 'of-a-test';
CREATE ROLE owners;
GRANT owners TO crm;
CREATE ROLE migrator LOGIN;
CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
CREATE TABLE notes (id bigint PRIMARY KEY, tenant text);
CREATE TABLE alone (id bigint PRIMARY KEY, tenant text);
CREATE TABLE forced (id bigint PRIMARY KEY, tenant text);
CREATE TABLE of_migrations (id bigint PRIMARY KEY, tenant text);
CREATE TABLE of_postgres (id bigint PRIMARY KEY, tenant text);
CREATE TABLE plain (id bigint PRIMARY KEY, tenant text);
CREATE POLICY own_rows ON orders USING (tenant = current_setting('app.tenant'));
CREATE POLICY own_rows ON notes USING (tenant = current_setting('app.tenant'));
CREATE POLICY own_rows ON alone USING (tenant = current_setting('app.tenant'));
CREATE POLICY own_rows ON forced USING (tenant = current_setting('app.tenant'));
CREATE POLICY own_rows ON of_migrations USING (tenant = current_setting('app.tenant'));
CREATE POLICY own_rows ON of_postgres USING (tenant = current_setting('app.tenant'));
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE alone ENABLE ROW LEVEL SECURITY;
ALTER TABLE forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE of_migrations ENABLE ROW LEVEL SECURITY;
ALTER TABLE of_postgres ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders OWNER TO crm;
ALTER TABLE notes OWNER TO owners;
GRANT SELECT ON notes TO pg_monitor;
ALTER TABLE alone OWNER TO migrator;
ALTER TABLE forced OWNER TO crm;
ALTER TABLE of_migrations OWNER TO migrator;
GRANT SELECT ON of_migrations TO crm;
ALTER TABLE plain OWNER TO crm;
-- session application
SELECT dblink_connect('one', format(
  'host=127.0.0.1 port=%s dbname=%s user=crm password=of-a-test application_name=crm-web',
  current_setting('port'), current_database()));

-- case: sessions that may not be seen
-- own server
-- as: nobody
-- innocent: another role has privileges, and what the owner's session is cannot be told
-- expect not-assessed
CREATE EXTENSION dblink;
CREATE ROLE crm LOGIN PASSWORD 'of-a-test';
CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
CREATE POLICY own_rows ON orders USING (tenant = current_setting('app.tenant'));
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders OWNER TO crm;
GRANT SELECT ON orders TO pg_monitor;
-- session application
SELECT dblink_connect('one', format(
  'host=127.0.0.1 port=%s dbname=%s user=crm password=of-a-test application_name=crm-web',
  current_setting('port'), current_database()));
