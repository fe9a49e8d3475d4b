-- case: two transactions that take locks in opposite orders
-- own server
-- limits: minimum=1 per_day=0
-- expect: database *
-- Version 15 tells since when it counts only after a reset.
SELECT pg_stat_reset();
CREATE TABLE t (a int PRIMARY KEY, b int);
INSERT INTO t VALUES (1, 1), (2, 2);
-- session one
BEGIN;
UPDATE t SET b = 3 WHERE a = 1;
-- session two
-- This session looks for deadlocks first, so it is the victim.
SET deadlock_timeout = '20ms';
SET lock_timeout = '5s';
BEGIN;
UPDATE t SET b = 3 WHERE a = 2;
-- session one background
DO $$ BEGIN UPDATE t SET b = 4 WHERE a = 2; EXCEPTION WHEN deadlock_detected THEN NULL; END $$;
ROLLBACK;
-- session two
DO $$ BEGIN UPDATE t SET b = 4 WHERE a = 1; EXCEPTION WHEN deadlock_detected THEN NULL; END $$;
ROLLBACK;
-- main
SELECT pg_sleep(1);

-- case: no deadlocks
-- innocent: a rolled back transaction is none
-- expect passed
CREATE TABLE t (a int);
-- session one
BEGIN;
ROLLBACK;
