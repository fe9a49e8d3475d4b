-- Roles of the server. Passwords are drawn anew for each demonstration.

CREATE ROLE shop_owner NOLOGIN;
CREATE ROLE shop_app LOGIN SUPERUSER;
CREATE ROLE shop_web LOGIN;
CREATE ROLE reporting LOGIN BYPASSRLS CONNECTION LIMIT 10;
CREATE ROLE deploy LOGIN CREATEROLE CREATEDB IN ROLE shop_owner;
CREATE ROLE fulfilment_service LOGIN CONNECTION LIMIT 20;
ALTER ROLE fulfilment_service SET statement_timeout = '30s';
ALTER ROLE fulfilment_service SET idle_in_transaction_session_timeout = '60s';

-- For monitoring and audits.
CREATE ROLE auditor LOGIN CONNECTION LIMIT 5 IN ROLE pg_monitor, pg_read_all_data;

-- The import of articles from purchasing, whose driver is from 2014.
CREATE ROLE article_import LOGIN;
SET LOCAL password_encryption = md5;
DO $$
BEGIN
  EXECUTE format('ALTER ROLE article_import PASSWORD %L', gen_random_uuid());
END $$;

-- The standby in Amsterdam.
SELECT pg_create_physical_replication_slot('standby_ams1', true);
