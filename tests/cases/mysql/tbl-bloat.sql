-- case: most of the file is empty
-- limits: min_bytes=100000 min_ratio=0.2
-- expect: table shop.emptied
CREATE TABLE emptied (id int PRIMARY KEY, body char(250) CHARACTER SET latin1);
INSERT INTO emptied WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 1000)
  SELECT a.n * 1000 + b.n, 'x' FROM s a JOIN s b WHERE a.n <= 30;
DELETE FROM emptied WHERE id > 1500;
-- innocent: a table that is full
CREATE TABLE filled (id int PRIMARY KEY, body char(250) CHARACTER SET latin1);
INSERT INTO filled SELECT * FROM emptied;
DO SLEEP(2);
