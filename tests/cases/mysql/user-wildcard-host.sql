-- case: power from everywhere, on a server that listens to its own machine only
-- expect: role admin@% low
-- expect: role writer@% low
CREATE USER admin@`%` IDENTIFIED BY 'x-Y-1';
GRANT ALL PRIVILEGES ON *.* TO admin@`%`;
CREATE USER writer@`%` IDENTIFIED BY 'x-Y-1';
GRANT SELECT, UPDATE ON *.* TO writer@`%`;
-- innocent: one database
CREATE USER app@`%` IDENTIFIED BY 'x-Y-1';
GRANT ALL PRIVILEGES ON shop.* TO app@`%`;
-- innocent: a network
CREATE USER near@`10.1.2.%` IDENTIFIED BY 'x-Y-1';
GRANT ALL PRIVILEGES ON *.* TO near@`10.1.2.%`;

-- case: a server that others can reach
-- engine: mysql
-- server: bind_address=0.0.0.0 tls_version= innodb_buffer_pool_load_at_startup=OFF
-- expect: role admin@% high
CREATE USER admin@`%` IDENTIFIED BY 'x-Y-1';
GRANT ALL PRIVILEGES ON *.* TO admin@`%`;
-- innocent: all data, to be read
CREATE USER report@`%` IDENTIFIED BY 'x-Y-1';
GRANT SELECT ON *.* TO report@`%`;
