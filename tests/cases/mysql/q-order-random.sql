-- case: a lottery
-- limits: mean_ms=0 total_ms=0
-- expect: query *
CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int);
INSERT INTO t (a) VALUES (1), (2), (3), (4);
SELECT id FROM t ORDER BY RAND() LIMIT 1;
-- innocent: in the order of the key
SELECT id FROM t ORDER BY id LIMIT 1;
