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
-- innocent: a copy for searching, that triggers keep
CREATE TABLE customer_text (customer_id int unsigned NOT NULL PRIMARY KEY, name varchar(100), FULLTEXT KEY by_name (name));
CREATE TRIGGER ins_customer AFTER INSERT ON customer FOR EACH ROW
  INSERT INTO customer_text (customer_id, name) VALUES (NEW.id, NEW.name);
CREATE TRIGGER del_customer AFTER DELETE ON customer FOR EACH ROW DELETE FROM customer_text WHERE customer_id = OLD.id;

-- case: a table beside the other one, whose triggers do something else
-- expect: column shop.customer_note.customer_id
CREATE TABLE customer (id int unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(100));
CREATE TABLE customer_note (customer_id int unsigned NOT NULL PRIMARY KEY, body varchar(100));
CREATE TABLE gone (id int unsigned AUTO_INCREMENT PRIMARY KEY, note varchar(40));
-- innocent: what is written is another table, whatever the text says
CREATE TRIGGER del_customer AFTER DELETE ON customer FOR EACH ROW
  INSERT INTO gone (note) VALUES ('delete from customer_note');

-- case: the type or the collation has to be changed first
-- expect: column shop.orders.customer_id
-- expect: column shop.orders.currency_code
CREATE TABLE customer (id int unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(100));
CREATE TABLE currency (code char(3) CHARACTER SET latin1 PRIMARY KEY, name varchar(100));
CREATE TABLE orders (id int unsigned AUTO_INCREMENT PRIMARY KEY, customer_id int NOT NULL, currency_code char(3) NOT NULL);
-- innocent: an index of it has more values than there are customers
CREATE TABLE visit (id int unsigned AUTO_INCREMENT PRIMARY KEY, customer_id int unsigned NOT NULL, KEY (customer_id));
INSERT INTO customer (name) VALUES ('a');
INSERT INTO visit (customer_id) VALUES (10), (20), (30), (40), (50);
ANALYZE TABLE customer, visit;

-- case: an index that says the values would fit, and a statement that joins
-- expect: column shop.orders.customer_id low likely
CREATE TABLE customer (id int unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(100));
CREATE TABLE orders (id int unsigned AUTO_INCREMENT PRIMARY KEY, customer_id int unsigned NOT NULL, KEY (customer_id));
INSERT INTO customer (name) VALUES ('a'), ('b');
INSERT INTO orders (customer_id) VALUES (1), (1), (2);
ANALYZE TABLE customer, orders;
SELECT o.id, c.name FROM orders o JOIN customer c ON c.id = o.customer_id;
