CREATE TABLE orders (id int PRIMARY KEY, status varchar(20) NOT NULL, kind varchar(20) NOT NULL,
  state varchar(20) NOT NULL, order_number varchar(20) NOT NULL, code varchar(20) NOT NULL, CHECK (state IN ('open', 'done')));
INSERT INTO orders WITH RECURSIVE d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 39),
  s AS (SELECT a.n * 40 + b.n + 1 AS n FROM d a JOIN d b)
  SELECT n, if(n % 3, 'open', 'done'), concat('kind', n), 'open', concat('o-', n), concat('c-', n % 400) FROM s;

-- case: no value stands twice in the column statistics
-- engine: mariadb
-- expect: column shop.orders.order_number
ANALYZE TABLE orders PERSISTENT FOR ALL;
-- innocent: of code each value stands in several rows

-- case: a histogram of many values tells of no single one
-- engine: mysql
-- expect not-assessed
ANALYZE TABLE orders;
ANALYZE TABLE orders UPDATE HISTOGRAM ON order_number, code WITH 100 BUCKETS;
