-- case: every file is in reach, and an account may use it
-- expect: setting secure_file_priv medium
CREATE USER loader@localhost IDENTIFIED BY 'x-Y-1';
GRANT FILE ON *.* TO loader@localhost;

-- case: nobody has FILE but root
-- expect: setting secure_file_priv low
SELECT 1;

-- case: one folder
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect passed
-- innocent: an account with FILE that reaches one folder only
CREATE USER loader@localhost IDENTIFIED BY 'x-Y-1';
GRANT FILE ON *.* TO loader@localhost;
