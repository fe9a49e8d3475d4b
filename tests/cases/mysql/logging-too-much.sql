-- case: everything, into a table
-- expect: setting general_log medium
-- expect: setting log_output low
SET GLOBAL log_output = 'TABLE';
SET GLOBAL general_log = ON;

-- case: passwords as they are
-- engine: mysql
-- own server
-- expect: setting log_raw high
SET GLOBAL log_raw = ON;

-- case: slow statements to a file
-- expect passed
-- innocent: the slow query log
SET GLOBAL slow_query_log = ON;
