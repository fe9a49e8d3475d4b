-- case: a server that was started to be dumped; MySQL takes no table at all then, so that no case can be built there
-- engine: mariadb
-- server: bind_address=0.0.0.0 innodb_force_recovery=1 innodb_buffer_pool_load_at_startup=OFF
-- expect: setting innodb_force_recovery high
SELECT 1;

-- case: zero
-- expect passed
-- innocent: a server that recovers as usual
SELECT 1;
