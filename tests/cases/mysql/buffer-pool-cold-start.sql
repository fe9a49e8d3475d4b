-- case: not dumped when the server ends
-- limits: min_bytes=1
-- expect: setting innodb_buffer_pool_dump_at_shutdown low
SET GLOBAL innodb_buffer_pool_dump_at_shutdown = OFF;

-- case: not loaded when it starts
-- engine: mysql
-- limits: min_bytes=1
-- server: bind_address=0.0.0.0 tls_version= innodb_buffer_pool_load_at_startup=OFF
-- expect: setting innodb_buffer_pool_load_at_startup low
SELECT 1;

-- case: not loaded when it starts, the other product
-- engine: mariadb
-- limits: min_bytes=1
-- server: bind_address=0.0.0.0 innodb_force_recovery=1 innodb_buffer_pool_load_at_startup=OFF
-- expect: setting innodb_buffer_pool_load_at_startup low
SELECT 1;

-- case: a small cache
-- expect passed
-- innocent: 32 megabytes are read again at once
SET GLOBAL innodb_buffer_pool_dump_at_shutdown = OFF;
