-- case: all rows, again and again
-- limits: min_rows=500
-- expect: query *
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 900) SELECT n, n FROM s;
-- repeat: 22
SELECT id FROM t WHERE n = 5;
-- innocent: once
SELECT n FROM t;
-- innocent: by the key
-- repeat: 22
SELECT n FROM t WHERE id = 5;

-- case: statements may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
