-- case: no password
-- engine: mysql
-- expect: role app@% critical
-- expect: role root@localhost high
CREATE USER app@`%`;
-- innocent: a password
CREATE USER shop@`%` IDENTIFIED BY 'x-Y-1';
-- innocent: locked
CREATE USER old@`%` ACCOUNT LOCK;
-- innocent: a role
CREATE ROLE reader;

-- case: no password, but for those that log in otherwise
-- engine: mariadb
-- expect: role app@% critical
-- expect: role root@localhost high
-- expect: role root@127.0.0.1 high
-- expect: role root@::1 high
CREATE USER app@`%`;
-- innocent: a password
CREATE USER shop@`%` IDENTIFIED BY 'x-Y-1';
-- innocent: the socket tells who it is
CREATE USER system@localhost IDENTIFIED VIA unix_socket;
-- innocent: a password or the socket
CREATE USER either@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('x-Y-1') OR unix_socket;
-- innocent: locked
CREATE USER old@`%` ACCOUNT LOCK;
-- innocent: a role
CREATE ROLE reader;

-- case: accounts may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
