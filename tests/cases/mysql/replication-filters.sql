-- case: a database is left out
-- engine: mysql
-- expect: replication source medium
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_USER = 'nobody';
CHANGE REPLICATION FILTER REPLICATE_IGNORE_DB = (scratch);

-- case: a domain is left out
-- engine: mariadb
-- expect: replication source medium
CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody', IGNORE_DOMAIN_IDS = (7);

-- case: everything is taken
-- engine: mysql
-- expect passed
-- innocent: no rule
CHANGE REPLICATION FILTER REPLICATE_IGNORE_DB = ();
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_USER = 'nobody';

-- case: what a server follows may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
