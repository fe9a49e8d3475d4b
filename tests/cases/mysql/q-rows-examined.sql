CREATE TABLE orders (id int PRIMARY KEY, state varchar(10) NOT NULL, placed datetime NOT NULL, KEY by_state (state));
INSERT INTO orders WITH RECURSIVE d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 109),
  s AS (SELECT a.n * 110 + b.n + 1 AS n FROM d a JOIN d b)
  SELECT n, if(n % 2, 'open', 'done'), '2026-01-01' + INTERVAL n MINUTE FROM s;
ANALYZE TABLE orders;

-- case: the newest few of all
-- expect: query *
-- repeat: 20
SELECT id, placed FROM orders ORDER BY placed DESC LIMIT 5;
-- innocent: one row by its key
-- repeat: 20
SELECT placed FROM orders WHERE id = 7;
-- innocent: a sum needs all rows
-- repeat: 20
SELECT max(placed) FROM orders;
-- innocent: no index gives rows at random, which q-order-random says
-- repeat: 20
SELECT id FROM orders ORDER BY rand() LIMIT 1;
-- innocent: all rows are wanted
-- repeat: 20
SELECT id, placed FROM orders;

-- case: a change that looks at everything
-- expect: query *
-- repeat: 20
UPDATE orders SET state = 'late' ORDER BY placed LIMIT 1;
-- innocent: what is missing is an index, which another check says
-- repeat: 20
SELECT id FROM orders WHERE placed = '2026-01-01 00:07:00';

-- case: once by hand
-- expect passed
-- innocent: nobody waits for it again
-- repeat: 3
SELECT id, placed FROM orders ORDER BY placed DESC LIMIT 5;
