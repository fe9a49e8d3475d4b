-- case: lookups that nobody needs
-- engine: mysql
-- server: bind_address=0.0.0.0 tls_version= innodb_buffer_pool_load_at_startup=OFF
-- expect: setting skip_name_resolve info
SELECT 1;

-- case: lookups that nobody needs, the other product
-- engine: mariadb
-- server: bind_address=0.0.0.0 innodb_force_recovery=1 innodb_buffer_pool_load_at_startup=OFF
-- expect: setting skip_name_resolve info
SELECT 1;

-- case: an account that is tied to a name
-- engine: mysql
-- server: bind_address=0.0.0.0 tls_version= innodb_buffer_pool_load_at_startup=OFF
-- expect passed
-- innocent: its client's name has to be looked up
CREATE USER app@`web.example.com` IDENTIFIED BY 'x-Y-1';

-- case: clients of this machine only
-- expect passed
-- innocent: the loopback interface needs no name server
SELECT 1;
