-- case: two sessions behind one that sleeps
-- limits: seconds=1
-- expect: session * high
CREATE TABLE t (a int PRIMARY KEY, b int);
INSERT INTO t VALUES (1, 1);
-- session holder
BEGIN;
UPDATE t SET b = 2;
-- session first background
UPDATE t SET b = 3;
-- session second background
UPDATE t SET b = 4;
-- main
SELECT pg_sleep(1.5);

-- case: a lock that nobody wants
-- limits: seconds=1
-- innocent: holding a lock hurts nobody who does not need it
-- expect passed
CREATE TABLE t (a int PRIMARY KEY);
-- session holder
BEGIN;
INSERT INTO t VALUES (1);
-- session other
SELECT 1;
