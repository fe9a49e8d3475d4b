CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, reference varchar(40) NOT NULL, customer_id int NOT NULL,
  state varchar(10) NOT NULL, note text);
INSERT INTO orders (reference, customer_id, state, note) WITH RECURSIVE d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 109),
  s AS (SELECT a.n * 110 + b.n + 1 AS n FROM d a JOIN d b)
  SELECT concat('R', n), n % 500, if(n % 3, 'open', 'done'), concat('N', n) FROM s;
ANALYZE TABLE orders;
CREATE TABLE country (code char(2) PRIMARY KEY, name varchar(60));
INSERT INTO country VALUES ('is', 'Iceland'), ('no', 'Norway');

-- case: a search by a column without an index
-- expect: column shop.orders.reference
-- repeat: 25
SELECT id, state FROM orders WHERE reference = 'R17';
-- innocent: found by the key
-- repeat: 25
SELECT id, state FROM orders WHERE id = 17;
-- innocent: a small table
-- repeat: 25
SELECT code FROM country WHERE name = 'Norway';

-- case: an update locks all that it examines
-- expect: column shop.orders.reference
-- repeat: 25
UPDATE orders SET state = 'late' WHERE reference = 'R18' AND state = 'open';

-- case: searches that an index would not narrow, or of which nothing tells so
-- expect passed
-- innocent: a third of the rows
-- repeat: 25
SELECT id FROM orders WHERE state = 'done';
-- innocent: one row of many
-- repeat: 25
SELECT count(*) FROM orders WHERE state = 'done';
-- innocent: the first few of many
-- repeat: 25
SELECT id FROM orders WHERE state = 'done' ORDER BY note LIMIT 3;
-- innocent: asked a few times
-- repeat: 3
SELECT id, state FROM orders WHERE reference = 'R17';
-- innocent: a text without a limit takes an index of a prefix, which is another question
-- repeat: 25
SELECT id FROM orders WHERE note = 'N17';
