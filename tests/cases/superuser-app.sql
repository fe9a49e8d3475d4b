-- case: a web application's session
-- expect: role postgres high likely
-- innocent: the harness's own session is in another database
-- session web
SET application_name = 'shop-web';
SELECT 1;

-- case: a pool that gives no name
-- expect: role postgres high possible
-- session one
SELECT 1;
-- session two
SELECT 1;
-- session three
SELECT 1;

-- case: people and tools
-- innocent: psql, a backup, monitoring and a script without a name
-- expect passed
-- session person
SET application_name = 'psql';
SELECT 1;
-- session backup
SET application_name = 'pg_dump';
SELECT 1;
-- session monitoring
SET application_name = 'postgres_exporter';
SELECT 1;
-- session script
SELECT 1;

-- case: an application with a role of its own
-- own server
-- innocent: the session's role is no superuser
-- expect passed
CREATE EXTENSION dblink;
CREATE ROLE crm LOGIN PASSWORD 'of-a-test';
-- session application
SET application_name = 'psql';
SELECT dblink_connect('one', format(
  'host=127.0.0.1 port=%s dbname=%s user=crm password=of-a-test application_name=crm-web',
  current_setting('port'), current_database()));

-- case: seen with pg_monitor
-- as: pg_monitor
-- expect: role postgres high
-- session web
SET application_name = 'shop-web';
SELECT 1;

-- case: not visible
-- as: nobody
-- innocent: what a hidden session is cannot be told
-- expect not-assessed
-- session web
SET application_name = 'shop-web';
SELECT 1;
