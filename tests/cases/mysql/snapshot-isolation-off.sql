-- case: as MariaDB 10.11 has it
-- engine: mariadb
-- expect: setting innodb_snapshot_isolation low possible
SELECT 1;

-- case: switched on
-- engine: mariadb
-- expect passed
-- innocent: an update of a row that changed is refused
SET GLOBAL innodb_snapshot_isolation = ON;

-- case: a product that has no such setting
-- engine: mysql
-- expect not-applicable
SELECT 1;
