CREATE TABLE orders (id int PRIMARY KEY, status varchar(20) NOT NULL, kind varchar(20) NOT NULL,
  state varchar(20) NOT NULL, order_number varchar(20) NOT NULL, code varchar(20) NOT NULL, CHECK (state IN ('open', 'done')));
INSERT INTO orders WITH RECURSIVE d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 39),
  s AS (SELECT a.n * 40 + b.n + 1 AS n FROM d a JOIN d b)
  SELECT n, if(n % 3, 'open', 'done'), concat('kind', n), 'open', concat('o-', n), concat('c-', n % 400) FROM s;

-- case: a histogram tells how many values there are
-- engine: mysql
-- expect: column shop.orders.status
ANALYZE TABLE orders;
ANALYZE TABLE orders UPDATE HISTOGRAM ON status, kind, state WITH 100 BUCKETS;
-- innocent: kind has more values than buckets; a check lists the values of state

-- case: column statistics tell how many values there are
-- engine: mariadb
-- expect: column shop.orders.status
ANALYZE TABLE orders PERSISTENT FOR ALL;
-- innocent: kind has a value for each row; a check lists the values of state

-- case: nobody had anything measured
-- expect not-assessed
ANALYZE TABLE orders;

-- case: an account that may not see the column statistics
-- engine: mariadb
-- as: SELECT ON shop.*; SHOW VIEW ON shop.*
-- expect not-assessed
ANALYZE TABLE orders PERSISTENT FOR ALL;
