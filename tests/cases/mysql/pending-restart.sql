-- case: kept for the next start only
-- engine: mysql
-- own server
-- expect: server server low
SET PERSIST_ONLY back_log = 123;
-- innocent: the new value is in force too, rounded as the server does
SET PERSIST max_allowed_packet = 5000001;

-- case: what is in force is what was kept
-- engine: mysql
-- own server
-- expect passed
SET PERSIST sql_mode = 'STRICT_TRANS_TABLES';
-- innocent: forgotten by the next start, which another check says
SET GLOBAL max_connections = 152;

-- case: changed again meanwhile
-- engine: mysql
-- own server
-- expect: server server
SET PERSIST max_connections = 152;
SET GLOBAL max_connections = 153;

-- case: there is nothing of the kind
-- engine: mariadb
-- expect not-applicable
SELECT 1;
