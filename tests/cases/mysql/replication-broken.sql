-- case: a source, and nobody who follows it
-- engine: mysql
-- expect: replication source high
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_USER = 'nobody';

-- case: a source, and nobody who follows it, the other product
-- engine: mariadb
-- expect: replication source high
CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody';

-- case: no replica
-- expect nothing
-- innocent: a server that follows nobody
SELECT 1;

-- case: what a server follows may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
