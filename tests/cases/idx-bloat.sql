-- case: mostly empty pages
-- limits: min_bytes=500000
-- expect: index shop.orders_pkey low likely
-- expect: index shop.orders_code
-- expect: index shop.events_code
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, code text);
INSERT INTO shop.orders SELECT i, 'code ' || md5(i::text) FROM generate_series(1, 60000) i;
CREATE INDEX orders_code ON shop.orders (code);
DELETE FROM shop.orders WHERE id % 10 > 0;
CREATE TABLE shop.events (id bigint, code text) PARTITION BY RANGE (id);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (30000);
CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM (30000) TO (90000);
CREATE INDEX events_code ON shop.events (code);
INSERT INTO shop.events SELECT i, 'code ' || md5(i::text) FROM generate_series(1, 60000) i;
DELETE FROM shop.events WHERE id % 10 > 0;
-- innocent: freshly built, and filled in random order
CREATE TABLE shop.fresh (id bigint PRIMARY KEY, code text, kind int, maybe int);
CREATE INDEX fresh_random ON shop.fresh (md5(code));
CREATE INDEX fresh_text ON shop.fresh (code);
INSERT INTO shop.fresh SELECT i, md5(i::text), i % 5, CASE WHEN i % 9 = 0 THEN i END FROM generate_series(1, 60000) i;
CREATE INDEX fresh_built ON shop.fresh (code, kind);
-- innocent: a few values many times, and mostly nulls
CREATE INDEX fresh_kind ON shop.fresh (kind);
CREATE INDEX fresh_maybe ON shop.fresh (maybe);
CREATE INDEX fresh_part ON shop.fresh (code) WHERE kind = 1;
-- innocent: other methods, small ones
CREATE INDEX fresh_hash ON shop.fresh USING hash (code);
CREATE TABLE shop.small (id bigint PRIMARY KEY);
INSERT INTO shop.small SELECT generate_series(1, 2000);
DELETE FROM shop.small WHERE id % 10 > 0;
VACUUM ANALYZE;

-- case: without statistics nothing is known
-- as: nobody
-- limits: min_bytes=500000
-- expect not-assessed
CREATE TABLE t (id bigint PRIMARY KEY, code text);
INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 60000) i;
VACUUM ANALYZE;
