-- case: a longer index begins with it
-- expect: index shop.orders.by_customer
-- innocent: a unique index keeps a rule that the longer one does not
-- innocent: the longer one begins with a part of the column only
-- innocent: another kind of index
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, at date, note varchar(200), code varchar(20),
  KEY by_customer (customer_id), KEY by_customer_and_day (customer_id, at),
  UNIQUE KEY one_code (code), KEY by_code_and_day (code, at),
  KEY by_note (note), KEY by_note_and_day (note(10), at),
  FULLTEXT KEY words (note));
