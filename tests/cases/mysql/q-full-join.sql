CREATE TABLE customer (id int PRIMARY KEY, code varchar(20) NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, customer_code varchar(20) NOT NULL, customer_id int NOT NULL);
INSERT INTO customer WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 200)
  SELECT n, concat('C', n) FROM s;
INSERT INTO orders SELECT id, code, id FROM customer;

-- case: neither side has an index
-- limits: min_examined=150
-- expect: query *
-- repeat: 20
SELECT o.id, c.id FROM orders o JOIN customer c ON c.code = o.customer_code;
-- innocent: joined by the key
-- repeat: 20
SELECT o.id, c.code FROM orders o JOIN customer c ON c.id = o.customer_id;

-- case: too few rows to matter
-- expect passed
-- innocent: two hundred rows are joined in no time
-- repeat: 20
SELECT o.id, c.id FROM orders o JOIN customer c ON c.code = o.customer_code;
