-- case: engines without transactions
-- expect: table shop.orders medium
-- expect: table shop.scratch low
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, total decimal(10, 2)) ENGINE = MyISAM;
CREATE TABLE scratch (id int PRIMARY KEY) ENGINE = MEMORY;
-- innocent: the engine that both products choose by themselves
CREATE TABLE customer (id int AUTO_INCREMENT PRIMARY KEY);
-- innocent: a view has no engine
CREATE VIEW totals AS SELECT sum(total) AS total FROM orders;

-- case: a large one is graded higher
-- limits: small_rows=3
-- expect: table shop.orders high
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, total decimal(10, 2)) ENGINE = MyISAM;
INSERT INTO orders (total) VALUES (1), (2), (3), (4);

-- case: Aria survives a crash and rolls nothing back
-- engine: mariadb
-- expect: table shop.orders medium
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, total decimal(10, 2)) ENGINE = Aria;
