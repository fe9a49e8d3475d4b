-- case: whoever calls it is root
-- expect: function shop.tidy medium
-- expect: view shop.all_orders low
CREATE TABLE orders (id int PRIMARY KEY);
CREATE PROCEDURE tidy() DELETE FROM orders;
CREATE VIEW all_orders AS SELECT id FROM orders;
-- innocent: its caller's rights
CREATE SQL SECURITY INVOKER VIEW my_orders AS SELECT id FROM orders;
CREATE PROCEDURE mine() SQL SECURITY INVOKER SELECT 1;
-- innocent: a definer with few rights
CREATE USER service@localhost IDENTIFIED BY 'x-Y-1';
GRANT SELECT ON shop.* TO service@localhost;
CREATE DEFINER = service@localhost VIEW some_orders AS SELECT id FROM orders;
