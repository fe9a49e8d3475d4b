-- case: every body for a list of titles
-- own server
-- expect: query *
CREATE EXTENSION pg_stat_statements;
CREATE TABLE article (id bigint PRIMARY KEY, title text NOT NULL, body text NOT NULL);
INSERT INTO article SELECT g, 'T' || g, (SELECT string_agg(md5(g::text || n), '') FROM generate_series(1, 150) n)
  FROM generate_series(1, 200) g;
CREATE INDEX article_title ON article (title);
CREATE TABLE tag (id bigint PRIMARY KEY, name text);
INSERT INTO tag SELECT id, title FROM article;
VACUUM ANALYZE;
SELECT pg_stat_statements_reset();
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
SELECT * FROM tag LIMIT 20;
