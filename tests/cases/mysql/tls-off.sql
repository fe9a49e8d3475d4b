-- case: in reach of others, without a certificate
-- engine: mariadb
-- server: bind_address=0.0.0.0 innodb_force_recovery=1 innodb_buffer_pool_load_at_startup=OFF
-- expect: setting tls_version medium
SELECT 1;

-- case: in reach of others, without a version of TLS
-- engine: mysql
-- server: bind_address=0.0.0.0 tls_version= innodb_buffer_pool_load_at_startup=OFF
-- expect: setting tls_version medium
SELECT 1;

-- case: this machine only
-- engine: mariadb
-- expect passed
-- innocent: nothing leaves the machine
SELECT 1;

-- case: a certificate that the server made for itself
-- engine: mysql
-- expect passed
-- innocent: clients can encrypt
SELECT 1;
