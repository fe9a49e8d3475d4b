-- case: nobody runs them
-- expect: job shop.nightly medium
SET GLOBAL event_scheduler = OFF;
CREATE TABLE orders (id int PRIMARY KEY);
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM orders;
-- innocent: disabled on purpose
CREATE EVENT yearly ON SCHEDULE EVERY 1 YEAR DISABLE DO DELETE FROM orders;

-- case: they run
-- expect passed
-- innocent: an event that waits for its time
SET GLOBAL event_scheduler = ON;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS now() + INTERVAL 1 DAY DO SELECT 1;

-- case: whether there are events may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
