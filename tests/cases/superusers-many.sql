-- case: two more superusers
-- own server
-- expect: role deployer medium
-- expect: role "Reporting \"Team\"" medium
-- innocent: postgres is the superuser that the server was made with, emergency may not log in, app is none,
-- innocent: the predefined roles are none
CREATE ROLE deployer LOGIN SUPERUSER;
CREATE ROLE "Reporting ""Team""" LOGIN SUPERUSER;
CREATE ROLE emergency SUPERUSER NOLOGIN;
CREATE ROLE app LOGIN CREATEDB;
GRANT pg_monitor TO app;

-- case: many more
-- own server
-- expect: role a high
-- expect: role b high
-- expect: role c high
-- expect: role d high
CREATE ROLE a LOGIN SUPERUSER;
CREATE ROLE b LOGIN SUPERUSER;
CREATE ROLE c LOGIN SUPERUSER;
CREATE ROLE d LOGIN SUPERUSER;

-- case: a role that may see nothing sees attributes
-- own server
-- as: nobody
-- expect: role deployer
CREATE ROLE deployer LOGIN SUPERUSER;

-- case: only the first
-- innocent: the server's own superuser
-- expect passed
SELECT 1;

-- case: an application's superuser is told elsewhere
-- own server
-- innocent: crm is reported by superuser-app, because an application is connected as it
-- expect passed
CREATE EXTENSION dblink;
CREATE ROLE crm LOGIN SUPERUSER PASSWORD 'of-a-test';
-- session application
SELECT dblink_connect('one', format(
  'host=127.0.0.1 port=%s dbname=%s user=crm password=of-a-test application_name=crm-web',
  current_setting('port'), current_database()));
