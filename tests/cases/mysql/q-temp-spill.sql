-- case: a temporary table that goes to disk
-- expect: query *
CREATE TABLE t (id int PRIMARY KEY, body longtext);
INSERT INTO t WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 200)
  SELECT n, repeat(char(65 + n % 26), 500) FROM s;
SET SESSION tmp_table_size = 1024;
SET SESSION max_heap_table_size = 16384;
SET SESSION big_tables = ON;
-- repeat: 5
SELECT body, count(*) FROM t GROUP BY body;

-- case: small ones in memory
-- expect passed
-- innocent: a grouping that fits
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t VALUES (1, 1), (2, 2);
-- repeat: 5
SELECT n, count(*) FROM t GROUP BY n;
