CREATE TABLE article (id int PRIMARY KEY, title varchar(100), body mediumtext, KEY by_title (title));
INSERT INTO article WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 200)
  SELECT n, concat('T', n), repeat('x', 6000) FROM s;
CREATE TABLE tag (id int PRIMARY KEY, name varchar(50));
INSERT INTO tag SELECT id, title FROM article;
ANALYZE TABLE article, tag;

-- case: every body for a list of titles
-- expect: query *
-- repeat: 100
SELECT * FROM article ORDER BY title LIMIT 20;
-- innocent: named columns
-- repeat: 100
SELECT id, title FROM article ORDER BY title LIMIT 20;
-- innocent: one row to be edited
-- repeat: 100
SELECT * FROM article WHERE id = 7;
-- innocent: a narrow table
-- repeat: 100
SELECT * FROM tag;
