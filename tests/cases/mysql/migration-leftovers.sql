-- case: what tools leave behind
-- expect: table shop._orders_gho low
-- expect: table shop._orders_ghc low
-- expect: table shop._orders_20260101101010_del low
-- expect: table shop.customer high
CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), state int);
CREATE TABLE _orders_gho LIKE orders;
CREATE TABLE _orders_ghc (id bigint PRIMARY KEY, hint varchar(64), value varchar(255));
CREATE TABLE _orders_20260101101010_del LIKE orders;
CREATE TABLE customer (id int PRIMARY KEY, name varchar(20));
CREATE TABLE counts (n int);
CREATE TRIGGER pt_osc_shop_customer_ins AFTER INSERT ON customer FOR EACH ROW INSERT INTO counts VALUES (1);
-- innocent: an ordinary trigger
CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW SET NEW.state = 1;
-- innocent: nothing of that name is there
CREATE TABLE _visits_old (id int PRIMARY KEY, at datetime);
-- innocent: it shares nothing with the table of its name
CREATE TABLE _customer_new (number bigint PRIMARY KEY, sent datetime);

-- case: a change is running
-- expect passed
CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), state int);
-- innocent: a session copies into it
CREATE TABLE _orders_gho LIKE orders;
INSERT INTO orders VALUES (1, 'a', 1);
-- session tool background
INSERT INTO _orders_gho SELECT id, note, sleep(20) FROM orders;
-- main
SELECT 1;

-- case: an account that does not see triggers
-- as: SELECT ON shop.*; PROCESS ON *.*
-- expect not-assessed
CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), state int);
