-- case: writers queue for one row
-- slow log
-- server: log_lock_waits=on deadlock_timeout=10ms
-- limits: minimum_ms=200 min_waits=2
-- expect: query * medium
CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL);
INSERT INTO counter VALUES (1, 0);
-- session holder
BEGIN;
UPDATE counter SET n = 1 WHERE id = 1;
-- session first background
UPDATE counter SET n = n + 1 WHERE id = 1;
-- session second background
UPDATE counter SET n = n + 1 WHERE id = 1;
-- main
SELECT pg_sleep(0.3);
-- session holder
COMMIT;
-- main
-- innocent: a statement that takes long without waiting for anybody
SELECT pg_sleep(0.3);
-- innocent: waiting to change the structure is not a statement of the application
-- session holder
BEGIN;
SELECT 1 FROM counter;
-- session migration background
ALTER TABLE counter ADD COLUMN note text;
-- main
SELECT pg_sleep(0.3);
-- session holder
COMMIT;

-- case: no log was given
-- expect not-applicable
SELECT 1;
