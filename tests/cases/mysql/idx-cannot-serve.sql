CREATE TABLE few (n int PRIMARY KEY);
INSERT INTO few VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11);
CREATE TABLE page (id int AUTO_INCREMENT PRIMARY KEY, body varchar(200) NOT NULL, code varchar(60) NOT NULL,
  name varchar(60) NOT NULL, title varchar(60) NOT NULL, FULLTEXT KEY words (body, title), KEY by_code (code(4)),
  KEY by_name (name), KEY by_title (title));
INSERT INTO page (body, code, name, title) SELECT concat('hello world ', a.n), concat('c', a.n, b.n, c.n),
  concat('n', a.n, b.n), concat('t', a.n) FROM few a JOIN few b JOIN few c;
ANALYZE TABLE page;

-- case: LIKE beside a full-text index
-- expect: query * low
-- limits: medium_share=2
-- repeat: 22
SELECT id FROM page WHERE body LIKE '%world 5%';
-- innocent: this is what the index is for
-- repeat: 22
SELECT id FROM page WHERE MATCH (body, title) AGAINST ('hello');
-- innocent: another index could serve, and the beginning of what is searched prevents it
-- repeat: 22
SELECT id FROM page WHERE title LIKE '%5';

-- case: an order beside the first characters
-- expect: query *
-- repeat: 22
SELECT id, code FROM page ORDER BY code LIMIT 5;
-- innocent: the whole column is indexed
-- repeat: 22
SELECT id, name FROM page ORDER BY name LIMIT 5;
-- innocent: the first characters find the row
-- repeat: 22
SELECT id FROM page WHERE code = 'c555';
-- innocent: all rows are wanted
-- repeat: 22
SELECT id, body FROM page ORDER BY code;

-- case: once by hand
-- expect passed
-- innocent: nobody waits for it
SELECT id FROM page WHERE body LIKE '%world 5%';

-- case: statements may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
