-- case: a plugin that is deprecated
-- engine: mysql
-- expect: role app@% low
CREATE USER app@`%` IDENTIFIED WITH sha256_password BY 'x-Y-1';
-- innocent: the default
CREATE USER shop@`%` IDENTIFIED BY 'x-Y-1';

-- case: what the product makes by default
-- engine: mariadb
-- expect: role app@% info
CREATE USER app@`%` IDENTIFIED BY 'x-Y-1';
-- innocent: a role logs in nowhere
CREATE ROLE reader;
-- innocent: the socket
CREATE USER system@localhost IDENTIFIED VIA unix_socket;

-- case: accounts may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
