-- case: each holds what the other wants
-- limits: minimum=1 per_day=0
-- expect: server server
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t VALUES (1, 0), (2, 0);
-- session one
SET SESSION innodb_lock_wait_timeout = 5;
START TRANSACTION;
UPDATE t SET n = 1 WHERE id = 1;
-- session two
SET SESSION innodb_lock_wait_timeout = 5;
START TRANSACTION;
UPDATE t SET n = 2 WHERE id = 2;
-- session one background
UPDATE t SET n = 1 WHERE id = 2;
-- session two background
UPDATE t SET n = 2 WHERE id = 1;
-- main
SELECT 1;

-- case: none, or too few to speak of
-- expect passed
-- innocent: transactions that only wait for each other
SELECT 1;

-- case: without PROCESS the counter of MySQL is hidden
-- engine: mysql
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
