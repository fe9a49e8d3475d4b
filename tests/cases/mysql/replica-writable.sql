-- case: everybody may write
-- engine: mysql
-- expect: setting read_only high
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_USER = 'nobody';

-- case: everybody may write, the other product
-- engine: mariadb
-- expect: setting read_only high
CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody';

-- case: administrators may write
-- engine: mysql
-- expect: setting super_read_only low
SET GLOBAL read_only = ON;
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_USER = 'nobody';

-- case: nobody but replication
-- engine: mariadb
-- expect passed
-- innocent: read_only
SET GLOBAL read_only = ON;
CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody';

-- case: no replica
-- expect passed
-- innocent: a source has to be written to
SELECT 1;

-- case: what a server follows may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
