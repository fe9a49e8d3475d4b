-- case: two references over one column
-- expect: constraint shop.orders.second_reference medium
CREATE TABLE customer (id int PRIMARY KEY);
-- innocent: another column refers to the same table
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, billed_id int,
  CONSTRAINT one FOREIGN KEY (customer_id) REFERENCES customer (id),
  CONSTRAINT second_reference FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE,
  CONSTRAINT billed FOREIGN KEY (billed_id) REFERENCES customer (id));
