-- case: no binary log
-- expect: setting log_bin high
SELECT 1;

-- case: a binary log
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect passed
-- innocent: nobody copies it yet, which the server cannot tell
SELECT 1;
