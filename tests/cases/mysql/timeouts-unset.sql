-- case: nothing ends what runs away
-- engine: mysql
-- expect: setting lock_wait_timeout low
-- expect: setting max_execution_time low
SELECT 1;

-- case: nothing ends what runs away, nor what was forgotten
-- engine: mariadb
-- expect: setting lock_wait_timeout low
-- expect: setting max_statement_time low
-- expect: setting idle_transaction_timeout medium
SELECT 1;

-- case: limits
-- engine: mysql
-- expect passed
-- innocent: half a minute for a query
SET GLOBAL lock_wait_timeout = 60;
SET GLOBAL max_execution_time = 30000;

-- case: limits of the other product
-- engine: mariadb
-- expect passed
-- innocent: a batch that sets more for itself
SET GLOBAL lock_wait_timeout = 60;
SET GLOBAL max_statement_time = 30;
SET GLOBAL idle_transaction_timeout = 60;
