-- case: nobody has read the index for a month
-- after: 40 days
-- limits: min_bytes=1
-- expect: index shop.orders.by_note
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, customer_id int, note varchar(50), code varchar(10),
  KEY by_customer (customer_id), KEY by_note (note), UNIQUE KEY one_code (code));
INSERT INTO orders (customer_id, note, code) VALUES (1, 'a', 'a'), (2, 'b', 'b'), (3, 'c', 'c');
ANALYZE TABLE orders;
-- innocent: read once
SELECT id FROM orders FORCE INDEX (by_customer) WHERE customer_id = 2;
-- innocent: the unique key keeps a rule
SELECT count(*) FROM orders;

-- case: a server that was started today tells nothing
-- expect not-assessed
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, note varchar(50), KEY by_note (note));

-- case: without the performance schema nobody counts
-- server: performance_schema=OFF
-- expect not-assessed
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, note varchar(50), KEY by_note (note));

-- case: userstat counts as well
-- engine: mariadb
-- server: performance_schema=OFF userstat=ON
-- after: 40 days
-- limits: min_bytes=1
-- expect: index shop.orders.by_note
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, customer_id int, note varchar(50), code varchar(10),
  KEY by_customer (customer_id), KEY by_note (note), UNIQUE KEY one_code (code));
INSERT INTO orders (customer_id, note, code) VALUES (1, 'a', 'a'), (2, 'b', 'b'), (3, 'c', 'c');
ANALYZE TABLE orders;
-- innocent: read once
SELECT id FROM orders FORCE INDEX (by_customer) WHERE customer_id = 2;

-- case: of a userstat that was switched on meanwhile nobody knows since when it counts
-- engine: mariadb
-- server: performance_schema=OFF
-- after: 40 days
-- limits: min_bytes=1
-- expect not-assessed
SET GLOBAL userstat = ON;
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, note varchar(50), KEY by_note (note));

-- case: an account that may not read the counters is told so
-- as: SELECT ON shop.*; SHOW VIEW ON shop.*; PROCESS ON *.*
-- expect not-assessed
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, note varchar(50), KEY by_note (note));
