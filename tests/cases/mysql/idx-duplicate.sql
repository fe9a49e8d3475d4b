-- case: the same index twice
-- expect: index shop.orders.by_customer_again
-- innocent: the other direction is another index on MySQL 8 and later, and a prefix holds less
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, at date, note varchar(200),
  KEY by_customer (customer_id), KEY by_customer_again (customer_id),
  KEY by_note (note), KEY by_note_start (note(10)));
-- innocent: indexes of two tables may have one name and one column each
CREATE TABLE invoices (id int PRIMARY KEY, customer_id int, KEY by_customer (customer_id));

-- case: an index that the planner must not use proves nothing about its twin
-- engine: mysql
-- expect nothing
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, KEY a (customer_id), KEY b (customer_id) INVISIBLE);
