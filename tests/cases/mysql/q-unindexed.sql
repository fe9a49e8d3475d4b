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

-- case: what is read in vain is told by how much is
-- expect: query *
CREATE TABLE orders (id int PRIMARY KEY, placed datetime NOT NULL, total int NOT NULL);
INSERT INTO orders WITH RECURSIVE d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 109),
  s AS (SELECT a.n * 110 + b.n + 1 AS n FROM d a JOIN d b)
  SELECT n, '2026-01-01' + INTERVAL n MINUTE, n % 1000 FROM s;
ANALYZE TABLE orders;
-- repeat: 22
SELECT sum(total) FROM orders WHERE total < 900;
-- innocent: twelve thousand rows for five, which q-rows-examined reports
-- repeat: 22
SELECT id, placed FROM orders ORDER BY placed DESC LIMIT 5;
-- innocent: a join without an index, which q-full-join reports
CREATE TABLE few (n int PRIMARY KEY, total int NOT NULL);
INSERT INTO few VALUES (1, 5), (2, 7);
-- repeat: 22
SELECT o.id, f.n FROM orders o JOIN few f ON f.total = o.total;

-- case: statements may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
