-- case: a transaction that has been open for long
-- limits: seconds=0
-- expect: session *
CREATE TABLE t (id int PRIMARY KEY);
-- session long
START TRANSACTION;
INSERT INTO t VALUES (1);
-- session long background
SELECT sleep(9);
-- innocent: a session that only sleeps
-- session asleep
SELECT 1;
-- main
SELECT 1;
