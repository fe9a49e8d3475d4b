-- case: rows without statistics
-- expect: table shop.orders low certain
-- expect: table shop.events
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, n int);
INSERT INTO shop.orders SELECT i, i FROM generate_series(1, 20000) i;
-- The partitions are analysed, the whole is not
CREATE TABLE shop.events (id bigint, n int) PARTITION BY RANGE (id);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (20000);
INSERT INTO shop.events SELECT i, i FROM generate_series(1, 19000) i;
ANALYZE shop.events_1;
-- innocent: analysed, empty, tiny
CREATE TABLE shop.analysed (id bigint PRIMARY KEY, n int);
INSERT INTO shop.analysed SELECT i, i FROM generate_series(1, 20000) i;
ANALYZE shop.analysed;
CREATE TABLE shop.whole (id bigint, n int) PARTITION BY RANGE (id);
CREATE TABLE shop.whole_1 PARTITION OF shop.whole FOR VALUES FROM (0) TO (20000);
INSERT INTO shop.whole SELECT i, i FROM generate_series(1, 19000) i;
ANALYZE shop.whole;
CREATE TABLE shop.empty (id bigint PRIMARY KEY, n int);
CREATE TABLE shop.tiny (id bigint PRIMARY KEY, n int);
INSERT INTO shop.tiny SELECT i, i FROM generate_series(1, 50) i;

-- case: hidden statistics are not missing ones
-- as: nobody
-- expect not-assessed
CREATE TABLE orders (id bigint, n int);
INSERT INTO orders SELECT i, i FROM generate_series(1, 20000) i;
ANALYZE orders;
