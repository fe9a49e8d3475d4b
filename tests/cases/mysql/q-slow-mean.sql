-- case: slow each time
-- limits: mean_ms=20 min_calls=2
-- expect: query *
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t VALUES (1);
-- repeat: 3
SELECT sleep(0.05) FROM t;
-- innocent: quick
-- repeat: 3
SELECT id FROM t WHERE id = 1;

-- case: statements may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
