-- case: undo tablespaces keep their size
-- engine: mysql
-- expect: setting innodb_undo_log_truncate low
SET GLOBAL innodb_undo_log_truncate = OFF;

-- case: undo logs inside the system tablespace
-- engine: mariadb
-- expect: setting innodb_undo_log_truncate info
SET GLOBAL innodb_undo_log_truncate = OFF;

-- case: they shrink again
-- expect passed
-- innocent: switched on
SET GLOBAL innodb_undo_log_truncate = ON;
