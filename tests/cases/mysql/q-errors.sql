-- case: duplicates
-- limits: min_errors=1
-- expect: query *
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t VALUES (1), (2);
-- session careless background
INSERT INTO t VALUES (1);
-- main
-- innocent: nothing went wrong
-- repeat: 25
SELECT id FROM t WHERE id = 1;

-- case: statements may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
