-- case: one thread
-- engine: mysql
-- expect: setting replica_parallel_workers info
SET GLOBAL replica_parallel_workers = 1;
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_USER = 'nobody';

-- case: as the product has it
-- engine: mariadb
-- expect: setting slave_parallel_threads info
CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody';

-- case: several, each in its own order
-- engine: mysql
-- expect: setting replica_preserve_commit_order low
SET GLOBAL replica_preserve_commit_order = OFF;
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_USER = 'nobody';

-- case: several
-- engine: mariadb
-- expect passed
-- innocent: four threads
SET GLOBAL slave_parallel_threads = 4;
CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody';

-- case: no replica
-- expect passed
-- innocent: nothing to apply
SELECT 1;

-- case: what a server follows may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
