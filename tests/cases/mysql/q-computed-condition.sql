CREATE TABLE orders (id int PRIMARY KEY, email varchar(60) NOT NULL, placed datetime NOT NULL, note varchar(20), doc json,
  KEY by_placed (placed), KEY by_email (email));
INSERT INTO orders WITH RECURSIVE d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 109),
  s AS (SELECT a.n * 110 + b.n AS n FROM d a JOIN d b)
  SELECT n, concat('m', n, '@example.com'), '2026-01-01' + INTERVAL n HOUR, n, concat('{"k": ', n, '}') FROM s;
ANALYZE TABLE orders;

-- case: the day of a moment
-- expect: query *
-- repeat: 20
SELECT id, email FROM orders WHERE date(placed) = '2026-01-05';
-- innocent: the same as a range
-- repeat: 20
SELECT id, email FROM orders WHERE placed >= '2026-01-05' AND placed < '2026-01-06';

-- case: a path in documents
-- expect: query *
-- repeat: 20
SELECT id FROM orders WHERE json_extract(doc, '$.k') = 17;
-- innocent: a sum over all rows
-- repeat: 20
SELECT max(id) FROM orders WHERE json_extract(doc, '$.k') > 1;

-- case: nothing to gain
-- expect passed
-- innocent: no index leads with the column
-- repeat: 20
SELECT id FROM orders WHERE concat(note, 'x') = '17x';
-- innocent: the key finds the row before anything is computed
-- repeat: 20
SELECT id FROM orders WHERE id = 7 AND date(placed) = '2026-01-01';
-- innocent: half of the rows
-- repeat: 20
SELECT id FROM orders WHERE mod(length(email), 2) = 0;
