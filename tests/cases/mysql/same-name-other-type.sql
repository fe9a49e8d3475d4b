-- case: one key, two types
-- expect: column shop.visit.customer_id
CREATE TABLE customer (id int unsigned PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int unsigned);
CREATE TABLE invoice (id int PRIMARY KEY, customer_id int unsigned);
CREATE TABLE visit (id int PRIMARY KEY, customer_id varchar(20));
-- innocent: the display width changes nothing
CREATE TABLE letter (id int PRIMARY KEY, customer_id int(5) unsigned);
