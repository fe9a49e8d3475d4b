-- case: one look-up for each row of a list
-- expect: query *
CREATE TABLE customer (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50));
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, customer_id int NOT NULL, FOREIGN KEY (customer_id) REFERENCES customer (id));
INSERT INTO customer (name) VALUES ('a'), ('b'), ('c'), ('d'), ('e'), ('f'), ('g'), ('h'), ('i'), ('j');
INSERT INTO orders (customer_id) SELECT id FROM customer;
-- repeat: 12
SELECT id, name FROM customer ORDER BY name;
-- repeat: 120
SELECT id, customer_id FROM orders WHERE customer_id = 3;
-- innocent: called as often as its parent
-- repeat: 12
SELECT count(*) FROM orders;
