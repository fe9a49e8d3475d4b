-- case: attributes on the wrong roles
-- versions: 16-
-- own server
-- expect: role hiring medium
-- expect: role web high
-- expect: role sync high
-- expect: role reporting medium
-- innocent: replicator only replicates, change_feed replicates and reads, backup_nightly dumps what policies hide,
-- innocent: user_admins may not log in and lends its right by SET ROLE, ci only creates databases, tenant has nothing
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, tenant text);
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
CREATE ROLE app_writers;
GRANT SELECT, INSERT, UPDATE ON shop.orders TO app_writers;
CREATE ROLE hiring LOGIN CREATEROLE CREATEDB;
CREATE ROLE web LOGIN BYPASSRLS;
GRANT app_writers TO web;
CREATE ROLE sync LOGIN REPLICATION;
GRANT INSERT ON shop.orders TO sync;
CREATE ROLE reporting LOGIN BYPASSRLS;
GRANT SELECT ON shop.orders TO reporting;
CREATE ROLE replicator LOGIN REPLICATION;
CREATE ROLE change_feed LOGIN REPLICATION;
GRANT SELECT ON shop.orders TO change_feed;
CREATE ROLE backup_nightly LOGIN BYPASSRLS IN ROLE pg_read_all_data;
CREATE ROLE user_admins NOLOGIN CREATEROLE;
CREATE ROLE ci LOGIN CREATEDB;
CREATE ROLE tenant LOGIN;
GRANT SELECT ON shop.orders TO tenant;

-- case: roles that create roles before version 16
-- own server
-- versions: 14-15
-- expect: role hiring high
-- innocent: the superuser has everything and is judged elsewhere
CREATE ROLE hiring LOGIN CREATEROLE;
CREATE ROLE boss SUPERUSER LOGIN CREATEROLE REPLICATION BYPASSRLS;

-- case: no policies in this database
-- own server
-- as: nobody
-- expect: role web low
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE ROLE web LOGIN BYPASSRLS;
GRANT INSERT ON orders TO web;
