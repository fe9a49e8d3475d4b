-- case: what tools leave behind
-- expect: table shop._orders_gho low
-- expect: table shop.customer high
CREATE TABLE orders (id int PRIMARY KEY, n int);
CREATE TABLE _orders_gho (id int PRIMARY KEY, n int);
CREATE TABLE customer (id int PRIMARY KEY, n int);
CREATE TRIGGER pt_osc_shop_customer_ins AFTER INSERT ON customer FOR EACH ROW SET @x = 1;
-- innocent: nothing that it could have been made from
CREATE TABLE _price_old (id int PRIMARY KEY);
-- innocent: an ordinary trigger
CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW SET NEW.n = 1;

-- case: tables may not be seen
-- as: nobody
-- expect not-assessed
CREATE TABLE t (id int PRIMARY KEY);
