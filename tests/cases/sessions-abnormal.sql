-- case: sessions that were ended
-- own server
-- hba: local all all trust
-- limits: minimum=3 share=0.1
-- expect: database * low certain
CREATE EXTENSION dblink;
-- repeat: 3
DO $$
DECLARE place text := format('host=%s port=%s dbname=%s user=%s', current_setting('unix_socket_directories'),
                             current_setting('port'), current_database(), current_user);
BEGIN
  PERFORM dblink_connect('victim', place);
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid();
  PERFORM pg_sleep(0.2);
  PERFORM dblink_disconnect('victim');
END $$;

-- case: sessions that were closed
-- limits: minimum=0
-- innocent: everybody said good-bye
-- expect passed
SELECT 1;
