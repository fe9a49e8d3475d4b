-- case: nothing is counted
-- engine: mariadb
-- server: performance_schema=OFF
-- expect: setting performance_schema low
SELECT 1;

-- case: counted
-- expect passed
-- innocent: not every instrument is on
SELECT 1;
