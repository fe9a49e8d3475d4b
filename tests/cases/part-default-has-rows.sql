-- case: rows that no partition was made for
-- expect: partition shop.events_default medium certain
-- expect: partition shop.kinds_other low
-- expect: partition shop.deep_eu_default
CREATE SCHEMA shop;
CREATE TABLE shop.events (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.events_default PARTITION OF shop.events DEFAULT;
INSERT INTO shop.events VALUES (1, '2026-01-05'), (2, '2026-03-05');
CREATE TABLE shop.kinds (id bigint, kind text) PARTITION BY LIST (kind);
CREATE TABLE shop.kinds_a PARTITION OF shop.kinds FOR VALUES IN ('a');
CREATE TABLE shop.kinds_other PARTITION OF shop.kinds DEFAULT;
INSERT INTO shop.kinds SELECT i, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' || i END FROM generate_series(1, 30000) i;
CREATE TABLE shop.deep (id bigint, day date, region text) PARTITION BY LIST (region);
CREATE TABLE shop.deep_eu PARTITION OF shop.deep FOR VALUES IN ('eu') PARTITION BY RANGE (day);
CREATE TABLE shop.deep_eu_default PARTITION OF shop.deep_eu DEFAULT;
INSERT INTO shop.deep VALUES (1, '2026-01-05', 'eu');
-- innocent: an empty default
CREATE TABLE shop.calm (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.calm_1 PARTITION OF shop.calm FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.calm_default PARTITION OF shop.calm DEFAULT;
INSERT INTO shop.calm VALUES (1, '2026-01-05');
-- innocent: the place for rare values
CREATE TABLE shop.rare (id bigint, kind text) PARTITION BY LIST (kind);
CREATE TABLE shop.rare_a PARTITION OF shop.rare FOR VALUES IN ('a');
CREATE TABLE shop.rare_other PARTITION OF shop.rare DEFAULT;
INSERT INTO shop.rare SELECT i, CASE WHEN i % 10 > 0 THEN 'a' ELSE 'b' || i END FROM generate_series(1, 30000) i;
