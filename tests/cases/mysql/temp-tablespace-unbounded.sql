-- case: as far as the disk reaches
-- engine: mariadb
-- expect: setting innodb_temp_data_file_path low
SELECT 1;

-- case: where it holds only rollbacks
-- engine: mysql
-- expect: setting innodb_temp_data_file_path info
SELECT 1;

-- case: a limit
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect passed
-- innocent: it grows, up to a max
SELECT 1;
