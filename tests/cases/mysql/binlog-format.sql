-- case: statements, and rows in part
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect: setting binlog_format medium
-- expect: setting binlog_row_image low
SET GLOBAL binlog_format = 'STATEMENT';
SET GLOBAL binlog_row_image = 'MINIMAL';

-- case: as MariaDB has it
-- engine: mariadb
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect: setting binlog_format low
SET GLOBAL binlog_format = 'MIXED';

-- case: rows
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect passed
-- innocent: a session that wants statements for itself
SET GLOBAL binlog_format = 'ROW';

-- case: no binary log
-- expect passed
-- innocent: a format that nobody writes
SET GLOBAL binlog_format = 'STATEMENT';
