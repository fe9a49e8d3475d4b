-- case: each row writes another one
-- after: 2 days
-- limits: per_second=0.0001
-- expect: table shop.orders low
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, state varchar(10) NOT NULL);
CREATE TABLE history (id int AUTO_INCREMENT PRIMARY KEY, order_id int NOT NULL);
CREATE TRIGGER remember AFTER INSERT ON orders FOR EACH ROW INSERT INTO history (order_id) VALUES (NEW.id);
-- repeat: 30
INSERT INTO orders (state) VALUES ('a'), ('b');
-- innocent: its trigger fires at deletes, and nobody deletes
CREATE TABLE customer (id int AUTO_INCREMENT PRIMARY KEY, name varchar(10));
CREATE TRIGGER forget BEFORE DELETE ON customer FOR EACH ROW SET @gone = OLD.id;
-- repeat: 30
INSERT INTO customer (name) VALUES ('a'), ('b');
-- innocent: written as often, without a trigger
CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, name varchar(10));
-- repeat: 30
INSERT INTO item (name) VALUES ('a'), ('b');
-- innocent: a tool that changes the table makes these, and takes them away
CREATE TRIGGER pt_osc_shop_item_ins AFTER INSERT ON item FOR EACH ROW SET @seen = NEW.id;

-- case: often for a test, and far from often
-- after: 2 days
-- expect passed
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, state varchar(10) NOT NULL);
CREATE TRIGGER tidy BEFORE INSERT ON orders FOR EACH ROW SET NEW.state = lower(NEW.state);
INSERT INTO orders (state) VALUES ('A');

-- case: counted since this morning
-- expect not-assessed
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, state varchar(10) NOT NULL);
CREATE TRIGGER tidy BEFORE INSERT ON orders FOR EACH ROW SET NEW.state = lower(NEW.state);

-- case: the triggers may not be seen
-- as: SELECT ON shop.*; SELECT ON performance_schema.*
-- expect not-assessed
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, state varchar(10) NOT NULL);
CREATE TRIGGER tidy BEFORE INSERT ON orders FOR EACH ROW SET NEW.state = lower(NEW.state);
