-- case: some transactions without
-- engine: mysql
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect: setting gtid_mode low
SET GLOBAL gtid_mode = 'ON_PERMISSIVE';

-- case: as the product has it
-- engine: mariadb
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect: setting gtid_strict_mode info
SELECT 1;

-- case: every transaction
-- engine: mysql
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect passed
-- innocent: ON
SELECT 1;

-- case: numbers in order
-- engine: mariadb
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect passed
-- innocent: the other product has no gtid_mode
SET GLOBAL gtid_strict_mode = ON;

-- case: nothing that anybody could follow
-- expect passed
-- innocent: no binary log
SELECT 1;
