-- case: hidden from the planner
-- engine: mysql
-- limits: min_rows=2
-- expect: index shop.orders.by_note
CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), state int, KEY by_note (note) INVISIBLE, KEY by_state (state));
INSERT INTO orders VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 1);
-- innocent: it keeps a rule
CREATE TABLE customer (id int PRIMARY KEY, code varchar(20), UNIQUE KEY one (code) INVISIBLE);
INSERT INTO customer VALUES (1, 'a'), (2, 'b'), (3, 'c');
-- innocent: the foreign key needs it
CREATE TABLE visit (id int PRIMARY KEY, customer_id int, KEY by_customer (customer_id) INVISIBLE, FOREIGN KEY (customer_id) REFERENCES customer (id));
INSERT INTO visit VALUES (1, 1), (2, 2), (3, 3);

-- case: ignored by the planner
-- engine: mariadb
-- limits: min_rows=2
-- expect: index shop.orders.by_note
CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), state int, KEY by_note (note) IGNORED, KEY by_state (state));
INSERT INTO orders VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 1);
-- innocent: it keeps a rule
CREATE TABLE customer (id int PRIMARY KEY, code varchar(20), UNIQUE KEY one (code) IGNORED);
INSERT INTO customer VALUES (1, 'a'), (2, 'b'), (3, 'c');
-- innocent: the foreign key needs it
CREATE TABLE visit (id int PRIMARY KEY, customer_id int, KEY by_customer (customer_id) IGNORED, FOREIGN KEY (customer_id) REFERENCES customer (id));
INSERT INTO visit VALUES (1, 1), (2, 2), (3, 3);
