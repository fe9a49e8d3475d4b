-- case: nothing is set anywhere
-- expect: setting statement_timeout medium
-- expect: setting idle_in_transaction_session_timeout medium
-- expect: setting lock_timeout low
SELECT 1;

-- case: set where it should be
-- own server
-- innocent: statement_timeout belongs to a role, the idle timeout to the database, the lock timeout to the server
-- expect passed
CREATE ROLE app LOGIN;
ALTER ROLE app SET statement_timeout = '20s';
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = %L', current_database(), '60s'); END $$;
ALTER SYSTEM SET lock_timeout = '3s';
SELECT pg_reload_conf();
SELECT pg_sleep(0.5);
