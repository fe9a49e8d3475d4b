-- case: pages and events without checksums
-- engine: mysql
-- expect: setting innodb_checksum_algorithm medium
-- expect: setting binlog_checksum low
SET GLOBAL innodb_checksum_algorithm = 'none';
SET GLOBAL binlog_checksum = 'NONE';

-- case: MariaDB writes no page without one any more
-- engine: mariadb
-- expect: setting binlog_checksum low
SET GLOBAL binlog_checksum = 'NONE';

-- case: as both products have it
-- expect passed
-- innocent: the same protection under another name
SELECT 1;
