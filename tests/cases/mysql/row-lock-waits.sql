-- case: a row that somebody holds
-- limits: per_minute=0 min_days=0
-- expect: server server
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t VALUES (1, 0);
-- session holder
START TRANSACTION;
UPDATE t SET n = 1 WHERE id = 1;
-- session waiter background
UPDATE t SET n = 2 WHERE id = 1;
-- session holder
COMMIT;
-- main
SELECT 1;

-- case: counted for too short a time
-- expect not-assessed
-- innocent: a server that has just been started
SELECT 1;
