-- case: a transaction that waits for its application
-- expect: session *
-- limits: seconds=0
CREATE TABLE t (id int PRIMARY KEY);
-- session waiting
START TRANSACTION;
INSERT INTO t VALUES (1);
-- innocent: a session that only sleeps
-- session asleep
SELECT 1;
-- main
SELECT 1;

-- case: without PROCESS the sessions of others are hidden
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
