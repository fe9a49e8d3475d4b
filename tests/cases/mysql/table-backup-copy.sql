-- case: saved before a change
-- expect: table shop.orders_old likely
-- expect: table shop.bak_orders
-- expect: table shop.orders_20260131
-- expect: table shop.orders_backup_2026_01_31
CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), state int);
CREATE TABLE orders_old AS SELECT * FROM orders;
CREATE TABLE bak_orders AS SELECT * FROM orders;
CREATE TABLE orders_20260131 AS SELECT * FROM orders;
CREATE TABLE orders_backup_2026_01_31 AS SELECT * FROM orders;
-- innocent: it is written
CREATE TABLE orders_copy LIKE orders;
INSERT INTO orders_copy VALUES (1, 'a', 1);
-- innocent: another thing of a like name
CREATE TABLE backup (id int PRIMARY KEY, path varchar(20), bytes bigint);
CREATE TABLE orders_backup (id int PRIMARY KEY, started datetime, path varchar(200), bytes bigint);
-- innocent: it takes part in the schema
CREATE TABLE address (id int PRIMARY KEY, street varchar(20));
CREATE TABLE address_old (id int PRIMARY KEY, street varchar(20));
CREATE TABLE move (id int PRIMARY KEY, address_id int, FOREIGN KEY (address_id) REFERENCES address_old (id));
