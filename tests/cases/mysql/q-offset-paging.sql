-- case: all before the page is read and thrown away
-- limits: min_mean_ms=0
-- expect: query *
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 500) SELECT n, n FROM s;
-- repeat: 6
SELECT * FROM t ORDER BY id LIMIT 400, 5;

-- case: pages by key
-- limits: min_mean_ms=0
-- expect passed
-- innocent: only what is on the page is read
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t VALUES (1, 1), (2, 2);
-- repeat: 6
SELECT * FROM t WHERE id > 1 ORDER BY id LIMIT 5;
