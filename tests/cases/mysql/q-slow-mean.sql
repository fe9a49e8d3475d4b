CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t VALUES (1);
-- case: each call takes its time
-- limits: mean_ms=15 min_calls=20
-- expect: query *
-- repeat: 20
SELECT id, sleep(0.02) FROM t;
-- innocent: a quick one
-- repeat: 20
SELECT id FROM t;
