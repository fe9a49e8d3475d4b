-- case: one partition outweighs the others
-- limits: min_bytes=100000
-- expect: table shop.hashed medium likely
-- expect: table shop.regions low
-- expect: table shop.history
CREATE SCHEMA shop;
CREATE TABLE shop.hashed (tenant int, id bigint) PARTITION BY HASH (tenant);
CREATE TABLE shop.hashed_0 PARTITION OF shop.hashed FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE shop.hashed_1 PARTITION OF shop.hashed FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE shop.hashed_2 PARTITION OF shop.hashed FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE shop.hashed_3 PARTITION OF shop.hashed FOR VALUES WITH (MODULUS 4, REMAINDER 3);
INSERT INTO shop.hashed SELECT 1, i FROM generate_series(1, 20000) i;
CREATE TABLE shop.regions (region text, id bigint) PARTITION BY LIST (region);
CREATE TABLE shop.regions_a PARTITION OF shop.regions FOR VALUES IN ('a');
CREATE TABLE shop.regions_b PARTITION OF shop.regions FOR VALUES IN ('b');
CREATE TABLE shop.regions_c PARTITION OF shop.regions FOR VALUES IN ('c');
CREATE TABLE shop.regions_d PARTITION OF shop.regions FOR VALUES IN ('d');
INSERT INTO shop.regions SELECT CASE WHEN i % 20 = 0 THEN 'b' ELSE 'a' END, i FROM generate_series(1, 20000) i;
CREATE TABLE shop.history (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.history_old PARTITION OF shop.history FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE shop.history_1 PARTITION OF shop.history FOR VALUES FROM ('2020-01-01') TO ('2020-02-01');
CREATE TABLE shop.history_2 PARTITION OF shop.history FOR VALUES FROM ('2020-02-01') TO ('2020-03-01');
CREATE TABLE shop.history_3 PARTITION OF shop.history FOR VALUES FROM ('2020-03-01') TO ('2020-04-01');
INSERT INTO shop.history SELECT i, '2019-01-01' FROM generate_series(1, 20000) i;
INSERT INTO shop.history VALUES (1, '2020-03-05');
-- innocent: the newest partition in use is the largest
CREATE TABLE shop.growing (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.growing_1 PARTITION OF shop.growing FOR VALUES FROM ('2020-01-01') TO ('2020-02-01');
CREATE TABLE shop.growing_2 PARTITION OF shop.growing FOR VALUES FROM ('2020-02-01') TO ('2020-03-01');
CREATE TABLE shop.growing_3 PARTITION OF shop.growing FOR VALUES FROM ('2020-03-01') TO ('2020-04-01');
CREATE TABLE shop.growing_4 PARTITION OF shop.growing FOR VALUES FROM ('2020-04-01') TO ('2020-05-01');
INSERT INTO shop.growing SELECT i, '2020-03-01' FROM generate_series(1, 20000) i;
INSERT INTO shop.growing VALUES (1, '2020-01-05');
-- innocent: even
CREATE TABLE shop.even (tenant int, id bigint) PARTITION BY HASH (tenant);
CREATE TABLE shop.even_0 PARTITION OF shop.even FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE shop.even_1 PARTITION OF shop.even FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE shop.even_2 PARTITION OF shop.even FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE shop.even_3 PARTITION OF shop.even FOR VALUES WITH (MODULUS 4, REMAINDER 3);
INSERT INTO shop.even SELECT i, i FROM generate_series(1, 20000) i;
-- innocent: two partitions, and the default
CREATE TABLE shop.two (region text, id bigint) PARTITION BY LIST (region);
CREATE TABLE shop.two_a PARTITION OF shop.two FOR VALUES IN ('a');
CREATE TABLE shop.two_b PARTITION OF shop.two FOR VALUES IN ('b');
INSERT INTO shop.two SELECT 'a', i FROM generate_series(1, 20000) i;
