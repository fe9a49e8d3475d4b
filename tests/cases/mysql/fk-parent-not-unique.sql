-- case: an index is enough for the server
-- engine: mariadb
-- expect: constraint shop.orders.buyer
CREATE TABLE customer (id int PRIMARY KEY, code varchar(10) NOT NULL, region int NOT NULL, UNIQUE KEY (region, id), KEY (code));
CREATE TABLE orders (id int PRIMARY KEY, customer_code varchar(10), CONSTRAINT buyer FOREIGN KEY (customer_code) REFERENCES customer (code));
-- innocent: a key, and a unique index in another order
CREATE TABLE visit (id int PRIMARY KEY, customer_id int, region int, FOREIGN KEY (customer_id) REFERENCES customer (id),
  FOREIGN KEY (region, customer_id) REFERENCES customer (region, id));

-- case: the guard was switched off
-- engine: mysql
-- expect: constraint shop.orders.buyer
SET SESSION restrict_fk_on_non_standard_key = OFF;
CREATE TABLE customer (id int PRIMARY KEY, code varchar(10) NOT NULL, region int NOT NULL, UNIQUE KEY (region, id), KEY (code));
CREATE TABLE orders (id int PRIMARY KEY, customer_code varchar(10), CONSTRAINT buyer FOREIGN KEY (customer_code) REFERENCES customer (code));
-- innocent: a key, and a unique index in another order
CREATE TABLE visit (id int PRIMARY KEY, customer_id int, region int, FOREIGN KEY (customer_id) REFERENCES customer (id),
  FOREIGN KEY (region, customer_id) REFERENCES customer (region, id));
