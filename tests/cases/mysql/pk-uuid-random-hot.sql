CREATE TABLE few (n int PRIMARY KEY);
INSERT INTO few VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11);

-- case: what UUID() makes, written out
-- limits: cache_share=0.001
-- expect: column shop.orders.id medium certain
CREATE TABLE orders (id char(36) DEFAULT (uuid()) PRIMARY KEY, what varchar(20));
INSERT INTO orders (what) SELECT 'x' FROM few a JOIN few b JOIN few c;
ANALYZE TABLE orders;
-- innocent: keys that somebody else makes may rise
CREATE TABLE imported (id char(36) PRIMARY KEY, what varchar(20));
INSERT INTO imported SELECT id, what FROM orders;
-- innocent: these keys come from another table
CREATE TABLE extra (id char(36) DEFAULT (uuid()) PRIMARY KEY, what varchar(20), FOREIGN KEY (id) REFERENCES orders (id));
INSERT INTO extra SELECT id, what FROM orders;
-- innocent: hardly any rows come
CREATE TABLE still (id char(36) DEFAULT (uuid()) PRIMARY KEY, what varchar(20));
INSERT INTO still (what) VALUES ('x');

-- case: it fits into the cache
-- expect passed
CREATE TABLE orders (id char(36) DEFAULT (uuid()) PRIMARY KEY, what varchar(20));
INSERT INTO orders (what) SELECT 'x' FROM few a JOIN few b JOIN few c;
ANALYZE TABLE orders;

-- case: as bytes
-- engine: mysql
-- limits: cache_share=0.001
-- expect: column shop.orders.id
CREATE TABLE orders (id binary(16) DEFAULT (uuid_to_bin(uuid())) PRIMARY KEY, what varchar(20));
INSERT INTO orders (what) SELECT 'x' FROM few a JOIN few b JOIN few c;
ANALYZE TABLE orders;
-- innocent: the slow part of the time comes first
CREATE TABLE rising (id binary(16) DEFAULT (uuid_to_bin(uuid(), 1)) PRIMARY KEY, what varchar(20));
INSERT INTO rising (what) SELECT 'x' FROM few a JOIN few b JOIN few c;
CREATE TABLE rising_too (id binary(16) DEFAULT (uuid_to_bin(uuid(), true)) PRIMARY KEY, what varchar(20));
INSERT INTO rising_too (what) SELECT 'x' FROM few a JOIN few b JOIN few c;

-- case: the type puts the slow part of the time first
-- engine: mariadb
-- limits: cache_share=0.001
-- expect: column shop.orders.id
CREATE TABLE orders (id binary(16) DEFAULT (unhex(replace(uuid(), '-', ''))) PRIMARY KEY, what varchar(20));
INSERT INTO orders (what) SELECT 'x' FROM few a JOIN few b JOIN few c;
ANALYZE TABLE orders;
-- innocent: it is kept in the order of time
CREATE TABLE rising (id uuid DEFAULT uuid() PRIMARY KEY, what varchar(20));
INSERT INTO rising (what) SELECT 'x' FROM few a JOIN few b JOIN few c;

-- case: nobody counts what is inserted
-- server: performance_schema=OFF
-- limits: cache_share=0.0001
-- expect not-assessed
DROP TABLE few;
CREATE TABLE orders (id char(36) DEFAULT (uuid()) PRIMARY KEY, what varchar(20));
