-- case: a row that somebody holds
-- limits: seconds=0
-- expect: session *
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t VALUES (1, 0);
-- session holder
START TRANSACTION;
UPDATE t SET n = 1 WHERE id = 1;
-- session waiter background
UPDATE t SET n = 2 WHERE id = 1;
-- main
SELECT 1;

-- case: a table that somebody has read in an open transaction
-- engine: mysql
-- limits: seconds=0
-- expect: session *
CREATE TABLE t (id int PRIMARY KEY, n int);
-- session holder
START TRANSACTION;
SELECT * FROM t;
-- session waiter background
ALTER TABLE t ADD COLUMN m int;
-- main
SELECT 1;

-- case: others of the same table
-- limits: seconds=0
-- expect passed
-- innocent: each holds a row of its own
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t VALUES (1, 0), (2, 0);
-- session one
START TRANSACTION;
UPDATE t SET n = 1 WHERE id = 1;
-- session two
START TRANSACTION;
UPDATE t SET n = 1 WHERE id = 2;
-- main
SELECT 1;
