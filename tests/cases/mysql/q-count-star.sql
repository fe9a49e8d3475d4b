-- case: everything is counted
-- limits: mean_ms=0 calls=3 time_share=0
-- expect: query *
CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int);
INSERT INTO t (a) VALUES (1), (2), (3), (4);
-- repeat: 4
SELECT count(*) FROM t;
-- innocent: a part of it
-- repeat: 4
SELECT count(*) FROM t WHERE a = 2;
