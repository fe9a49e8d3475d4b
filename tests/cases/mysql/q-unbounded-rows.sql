-- case: a list without an end
-- limits: rows=100
-- expect: query *
CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int);
INSERT INTO t (a) VALUES (1), (2), (3), (4);
-- repeat: 5
INSERT INTO t (a) SELECT a FROM t;
-- repeat: 4
SELECT id, a FROM t WHERE a > 0;
-- innocent: a page of it
-- repeat: 4
SELECT id, a FROM t ORDER BY id LIMIT 10;
