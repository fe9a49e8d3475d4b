-- case: prepared and left
-- own server
-- server: max_prepared_transactions=5
-- limits: seconds=1
-- expect: transaction order-42 high
CREATE TABLE t (a int);
-- session coordinator
BEGIN;
INSERT INTO t VALUES (1);
PREPARE TRANSACTION 'order-42';
-- main
SELECT pg_sleep(1.5);

-- case: a commit under way
-- own server
-- server: max_prepared_transactions=5
-- innocent: seconds old
-- expect passed
CREATE TABLE t (a int);
-- session coordinator
BEGIN;
INSERT INTO t VALUES (1);
PREPARE TRANSACTION 'order-43';

-- case: nobody is there to finish it
-- own server
-- server: max_prepared_transactions=5
-- expect: transaction order-44 medium likely
CREATE TABLE t (a int);
BEGIN;
INSERT INTO t VALUES (1);
PREPARE TRANSACTION 'order-44';
