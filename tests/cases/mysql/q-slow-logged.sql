-- case: the log is a table, and nothing else counts statements
-- server: performance_schema=OFF
-- limits: mean_ms=20
-- expect: query log:* medium
TRUNCATE mysql.slow_log;
SET GLOBAL log_output = 'TABLE';
SET GLOBAL slow_query_log = ON;
SET SESSION long_query_time = 0.005;
-- session application
SET SESSION long_query_time = 0.005;
-- repeat: 22
SELECT sleep(0.03);
-- innocent: slow, but not often
-- repeat: 3
SELECT sleep(0.05), 2;

-- case: the digests tell more
-- limits: mean_ms=20
-- expect not-applicable
SET GLOBAL log_output = 'TABLE';
SET GLOBAL slow_query_log = ON;
CREATE TABLE t (id int PRIMARY KEY);
-- session application
SET SESSION long_query_time = 0.005;
-- repeat: 22
SELECT sleep(0.03);

-- case: the account may not read the table
-- server: performance_schema=OFF
-- as: SELECT ON shop.*
-- limits: mean_ms=20
-- expect not-assessed
SET GLOBAL log_output = 'TABLE';
SET GLOBAL slow_query_log = ON;
-- session application
SET SESSION long_query_time = 0.005;
-- repeat: 22
SELECT sleep(0.03);
