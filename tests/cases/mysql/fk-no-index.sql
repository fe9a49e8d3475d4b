-- case: InnoDB makes the index itself, and takes a longer one for it
-- expect passed
CREATE TABLE customer (id int PRIMARY KEY);
-- innocent: an index was made for the reference
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, FOREIGN KEY (customer_id) REFERENCES customer (id));
-- innocent: a longer index serves
CREATE TABLE visits (id int PRIMARY KEY, customer_id int, at date, KEY k (customer_id, at),
  FOREIGN KEY (customer_id) REFERENCES customer (id));

-- case: MariaDB lets somebody drop the index while it does not look; MySQL refuses
-- engine: mariadb
-- expect: column shop.orders.customer_id
CREATE TABLE customer (id int PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, KEY by_customer (customer_id), FOREIGN KEY (customer_id) REFERENCES customer (id));
SET foreign_key_checks = 0;
ALTER TABLE orders DROP KEY by_customer;
