-- case: nobody of that name
-- expect: view shop.orphan medium
-- expect: trigger shop.orders.stamp high
-- expect: job shop.nightly medium
CREATE TABLE orders (id int PRIMARY KEY, at datetime);
CREATE DEFINER = gone@localhost VIEW orphan AS SELECT id FROM orders;
CREATE DEFINER = gone@localhost TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW SET NEW.at = now();
CREATE DEFINER = gone@localhost EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM orders;
-- innocent: its caller's rights
CREATE DEFINER = gone@localhost SQL SECURITY INVOKER VIEW borrowed AS SELECT id FROM orders;
-- innocent: a definer that is there
CREATE VIEW owned AS SELECT id FROM orders;

-- case: accounts may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
