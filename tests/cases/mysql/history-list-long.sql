-- case: an old transaction that might still want to see what was before
-- limits: length=1
-- expect: server server
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t VALUES (1, 0);
-- session old
START TRANSACTION WITH CONSISTENT SNAPSHOT;
SELECT * FROM t;
-- main
-- repeat: 20
UPDATE t SET n = n + 1;

-- case: a short list
-- expect passed
-- innocent: what every server has
SELECT 1;
