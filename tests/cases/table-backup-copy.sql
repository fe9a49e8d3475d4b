-- case: saved before a change
-- expect: table shop.orders_old likely
-- expect: table shop.orders_20260131
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id int PRIMARY KEY, note text, state int);
CREATE TABLE shop.orders_old (id int, note text, state int);
CREATE TABLE shop.orders_20260131 (id int, note text, state int);
-- innocent: it is written
CREATE TABLE shop.orders_copy (id int PRIMARY KEY, note text, state int);
INSERT INTO shop.orders_copy VALUES (1, 'a', 1);
-- innocent: another thing of a like name
CREATE TABLE shop.orders_backup (id int PRIMARY KEY, started timestamptz, path text, bytes bigint);
-- innocent: a part of it
CREATE TABLE shop.reading (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.reading_20260131 PARTITION OF shop.reading FOR VALUES FROM ('2026-01-31') TO ('2026-02-01');
