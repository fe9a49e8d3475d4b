-- case: most of the time
-- limits: min_share=0.1 high_share=0.2 busy_ms=10
-- expect: query *
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t VALUES (1);
-- repeat: 5
SELECT sleep(0.2) FROM t;
-- innocent: hardly any
SELECT id FROM t WHERE id = 1;

-- case: hardly any load
-- expect passed
-- innocent: a share of next to nothing
CREATE TABLE t (id int PRIMARY KEY);
-- repeat: 30
SELECT id FROM t;

-- case: statements may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
