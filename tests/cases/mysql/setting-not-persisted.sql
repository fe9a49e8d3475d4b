-- case: set in a session, for all
-- own server
-- expect: server server low
SET GLOBAL max_connections = 152;

-- case: set for one session, or written down as well
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- expect passed
-- innocent: a session that sets something for itself
-- session report
SET SESSION sort_buffer_size = 4194304;
-- main
SELECT 1;
