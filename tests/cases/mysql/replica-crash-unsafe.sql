-- case: a place in a file, and errors that are passed over
-- engine: mysql
-- expect: setting relay_log_recovery medium
-- expect: setting replica_exec_mode high
SET GLOBAL replica_exec_mode = 'IDEMPOTENT';
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_USER = 'nobody', SOURCE_AUTO_POSITION = 0;

-- case: a place in a file, the other product
-- engine: mariadb
-- expect: setting relay_log_recovery medium
-- expect: setting slave_exec_mode high
SET GLOBAL slave_exec_mode = 'IDEMPOTENT';
CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody', MASTER_USE_GTID = no;

-- case: a place by identifiers
-- engine: mysql
-- expect passed
-- innocent: relay logs are read anew after a crash
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_USER = 'nobody', SOURCE_AUTO_POSITION = 1;

-- case: a place by identifiers, the other product
-- engine: mariadb
-- expect passed
-- innocent: relay logs are read anew after a crash
CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody', MASTER_USE_GTID = slave_pos;

-- case: what a server follows may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
