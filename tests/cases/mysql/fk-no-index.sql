-- case: InnoDB makes the index itself, and takes a longer one for it
-- expect passed
CREATE TABLE customer (id int PRIMARY KEY);
-- innocent: an index was made for the reference
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, FOREIGN KEY (customer_id) REFERENCES customer (id));
-- innocent: a longer index serves
CREATE TABLE visits (id int PRIMARY KEY, customer_id int, at date, KEY k (customer_id, at),
  FOREIGN KEY (customer_id) REFERENCES customer (id));
