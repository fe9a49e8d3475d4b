-- case: no index on what is joined by
-- limits: min_rows=500
-- expect: query *
CREATE TABLE a (id int PRIMARY KEY, n int);
CREATE TABLE b (id int PRIMARY KEY, n int);
INSERT INTO a WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 900) SELECT n, n FROM s;
INSERT INTO b WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 900) SELECT n, n FROM s;
ANALYZE TABLE a, b;
-- repeat: 4
SELECT a.id FROM a JOIN b ON b.n = a.n WHERE a.id < 40;
-- innocent: the key
-- repeat: 4
SELECT a.id FROM a JOIN b ON b.id = a.n WHERE a.id < 40;

-- case: statements may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
