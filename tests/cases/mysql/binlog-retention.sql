-- case: for ever
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect: setting binlog_expire_logs_seconds low
SET GLOBAL binlog_expire_logs_seconds = 0;

-- case: an hour
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect: setting binlog_expire_logs_seconds medium
SET GLOBAL binlog_expire_logs_seconds = 3600;

-- case: never taken away, whatever the age
-- engine: mysql
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect: setting binlog_expire_logs_seconds low
SET GLOBAL binlog_expire_logs_auto_purge = OFF;

-- case: a week
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect passed
-- innocent: kept for longer than two backups take
SET GLOBAL binlog_expire_logs_seconds = 604800;

-- case: no binary log
-- expect passed
-- innocent: nothing to keep
SET GLOBAL binlog_expire_logs_seconds = 0;
