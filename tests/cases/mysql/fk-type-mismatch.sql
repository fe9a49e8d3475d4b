-- case: padded text refers to text
-- expect: column shop.orders.customer_code medium
CREATE TABLE customer (code varchar(10) PRIMARY KEY, number int NOT NULL, UNIQUE KEY (number));
CREATE TABLE orders (id int PRIMARY KEY, customer_code char(10), FOREIGN KEY (customer_code) REFERENCES customer (code));
-- innocent: the same type, and a longer one of its kind
CREATE TABLE visit (id int PRIMARY KEY, customer_number int, customer_code varchar(20),
  FOREIGN KEY (customer_number) REFERENCES customer (number), FOREIGN KEY (customer_code) REFERENCES customer (code));
