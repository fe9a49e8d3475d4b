-- case: an index that the newest partition lacks
-- expect: table shop.events low likely
CREATE SCHEMA shop;
CREATE TABLE shop.events (id bigint, day date, who int, kind int, note text) PARTITION BY RANGE (day);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE shop.events_3 PARTITION OF shop.events FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
CREATE INDEX events_1_who ON shop.events_1 (who);
CREATE INDEX events_2_who ON shop.events_2 (who);
-- innocent: an index of the whole table
CREATE INDEX ON shop.events (kind);
-- innocent: only one partition has it
CREATE INDEX ON shop.events_1 (note);
-- innocent: every partition has it
CREATE INDEX ON shop.events_1 (id);
CREATE INDEX ON shop.events_2 (id);
CREATE INDEX ON shop.events_3 (id);
-- innocent: two partitions
CREATE TABLE shop.two (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.two_1 PARTITION OF shop.two FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.two_2 PARTITION OF shop.two FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE INDEX ON shop.two_1 (id);
