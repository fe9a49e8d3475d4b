-- case: what makes test servers quick
-- engine: mysql
-- expect: setting innodb_flush_log_at_trx_commit high
-- expect: setting innodb_doublewrite high
SET GLOBAL innodb_flush_log_at_trx_commit = 2;

-- case: flushed once a second
-- engine: mariadb
-- expect: setting innodb_flush_log_at_trx_commit high
SET GLOBAL innodb_flush_log_at_trx_commit = 0;

-- case: a binary log that the operating system writes when it likes
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect: setting sync_binlog medium
SET GLOBAL innodb_flush_log_at_trx_commit = 1;
SET GLOBAL sync_binlog = 0;

-- case: all is written before a commit ends
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect passed
-- innocent: a log of slow statements that is not flushed
SET GLOBAL innodb_flush_log_at_trx_commit = 1;
SET GLOBAL sync_binlog = 1;

-- case: no binary log, so that it does not matter how it is flushed
-- engine: mariadb
-- expect passed
-- innocent: sync_binlog without log_bin
SET GLOBAL innodb_flush_log_at_trx_commit = 1;
SET GLOBAL sync_binlog = 0;

-- case: a load that left the redo log switched off
-- engine: mysql
-- own server
-- expect: server server critical
-- expect: setting innodb_doublewrite high
ALTER INSTANCE DISABLE INNODB REDO_LOG;
