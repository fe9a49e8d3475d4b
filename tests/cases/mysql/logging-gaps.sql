-- case: no slow statement is written down, but they are counted
-- expect: setting slow_query_log low
SET GLOBAL slow_query_log = OFF;

-- case: only what takes ten seconds
-- expect: setting long_query_time low
SET GLOBAL slow_query_log = ON;
SET GLOBAL long_query_time = 10;

-- case: from a second on
-- expect passed
-- innocent: a limit that a user would notice
SET GLOBAL slow_query_log = ON;
SET GLOBAL long_query_time = 1;

-- case: nothing counts statements either
-- engine: mariadb
-- server: performance_schema=OFF
-- expect: setting slow_query_log medium
SELECT 1;
