-- case: a column that is named and typed like a reference
-- expect: column shop.orders.customer_id
CREATE TABLE customer (id int unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(100));
CREATE TABLE orders (id int unsigned AUTO_INCREMENT PRIMARY KEY, customer_id int unsigned NOT NULL, external_id int unsigned);
-- innocent: declared
CREATE TABLE invoice (id int unsigned AUTO_INCREMENT PRIMARY KEY, customer_id int unsigned NOT NULL,
  FOREIGN KEY (customer_id) REFERENCES customer (id));
-- innocent: MyISAM keeps no references
CREATE TABLE visit (id int unsigned AUTO_INCREMENT PRIMARY KEY, customer_id int unsigned NOT NULL) ENGINE = MyISAM;
-- innocent: a table with partitions can have none
CREATE TABLE reading (id int unsigned NOT NULL, customer_id int unsigned NOT NULL, PRIMARY KEY (id))
  PARTITION BY HASH (id) PARTITIONS 2;
