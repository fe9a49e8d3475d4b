-- case: an index whose last part was never attached
-- expect: index shop.events_kind medium certain
-- expect: index shop.events_pkey high
-- expect: index shop.deep_who
CREATE SCHEMA shop;
CREATE TABLE shop.events (id bigint NOT NULL, kind int, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE INDEX events_kind ON ONLY shop.events (kind);
CREATE INDEX events_1_kind ON shop.events_1 (kind);
ALTER INDEX shop.events_kind ATTACH PARTITION shop.events_1_kind;
ALTER TABLE ONLY shop.events ADD PRIMARY KEY (id, day);
CREATE TABLE shop.deep (who int, day date, region text) PARTITION BY LIST (region);
CREATE TABLE shop.deep_eu PARTITION OF shop.deep FOR VALUES IN ('eu') PARTITION BY RANGE (day);
CREATE TABLE shop.deep_eu_1 PARTITION OF shop.deep_eu FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE INDEX deep_who ON ONLY shop.deep (who);

-- innocent: every partition has its part
CREATE INDEX events_day ON shop.events (day);
-- innocent: a partition's own index, and an index of a table that has no partitions yet
CREATE INDEX events_2_own ON shop.events_2 (id);
CREATE TABLE shop.empty (id bigint, day date) PARTITION BY RANGE (day);
CREATE INDEX ON shop.empty (id);
-- innocent: an invalid index of a plain table is another check's business
CREATE TABLE shop.plain (a int);
CREATE INDEX plain_a ON shop.plain (a);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.plain_a'::regclass;
