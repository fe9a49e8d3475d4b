-- case: nobody has read it
-- after: 40 days
-- limits: min_bytes=1
-- expect: table shop.forgotten
CREATE TABLE forgotten (id int PRIMARY KEY, note varchar(20));
INSERT INTO forgotten VALUES (1, 'a');
-- innocent: it is read
CREATE TABLE orders (id int PRIMARY KEY, note varchar(20));
INSERT INTO orders VALUES (1, 'a');
SELECT note FROM orders;

-- case: counted for a short time
-- limits: min_bytes=1
-- expect not-assessed
CREATE TABLE forgotten (id int PRIMARY KEY, note varchar(20));
INSERT INTO forgotten VALUES (1, 'a');
