-- case: a transaction that its application forgot
-- limits: seconds=1 high_seconds=60
-- expect: session * medium
CREATE TABLE t (a int);
-- session forgotten
BEGIN;
INSERT INTO t VALUES (1);
-- main
SELECT pg_sleep(1.5);

-- case: idle sessions, busy transactions, short pauses
-- limits: seconds=30
-- innocent: one is idle outside a transaction, one has only just begun, one calls itself pg_dump
-- expect passed
CREATE TABLE t (a int);
-- session idle
SELECT 1;
-- session fresh
BEGIN;
INSERT INTO t VALUES (1);

-- case: a role that may not see what others do
-- as: nobody
-- limits: seconds=1
-- expect not-assessed
CREATE TABLE t (a int);
-- session forgotten
BEGIN;
INSERT INTO t VALUES (1);
