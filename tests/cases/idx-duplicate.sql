-- case: equal indexes, one stays
-- expect: index shop.orders_customer_idx1 low certain
-- expect: index shop.customers_email_key1
-- expect: index shop.lines_id_key
-- expect: index shop.notes_tags_b
-- expect: index shop.notes_lower_b
-- expect: index shop.twins_2
-- expect: index shop.twins_3
-- expect: index shop.sizes_a_70
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id bigint, at timestamptz, state text, note text);
CREATE INDEX orders_customer_idx ON shop.orders (customer_id);
CREATE INDEX orders_customer_idx1 ON shop.orders (customer_id);
CREATE TABLE shop.customers (id bigint PRIMARY KEY, email text UNIQUE);
CREATE UNIQUE INDEX customers_email_key1 ON shop.customers (email);
-- A second constraint on the primary key's column
CREATE TABLE shop.lines (id bigint PRIMARY KEY, n int);
ALTER TABLE shop.lines ADD UNIQUE (id);
-- Other methods and expressions
CREATE TABLE shop.notes (id bigint PRIMARY KEY, tags text[], title text, body text);
CREATE INDEX notes_tags_a ON shop.notes USING gin (tags);
CREATE INDEX notes_tags_b ON shop.notes USING gin (tags);
CREATE INDEX notes_lower_a ON shop.notes (lower(title)) WHERE body IS NOT NULL;
CREATE INDEX notes_lower_b ON shop.notes (lower(title)) WHERE body IS NOT NULL;
-- Three of a kind: two can go
CREATE TABLE shop.twins (id bigint PRIMARY KEY, a int, b int);
CREATE INDEX twins_1 ON shop.twins (a, b);
CREATE INDEX twins_2 ON shop.twins (a, b);
CREATE INDEX twins_3 ON shop.twins (a, b);
-- How full its pages are makes no index another one
CREATE TABLE shop.sizes (id bigint PRIMARY KEY, a int);
CREATE INDEX sizes_a ON shop.sizes (a);
CREATE INDEX sizes_a_70 ON shop.sizes (a) WITH (fillfactor = 70);

-- innocent: the same column in another direction, operator class, collation, uniqueness, method, predicate or payload
CREATE TABLE shop.alike (id bigint PRIMARY KEY, a int, b int, t text, code text);
CREATE INDEX ON shop.alike (a, b);
CREATE INDEX ON shop.alike (a DESC, b);
CREATE INDEX ON shop.alike (a, b DESC);
CREATE INDEX ON shop.alike (b, a);
CREATE INDEX ON shop.alike (t);
CREATE INDEX ON shop.alike (t text_pattern_ops);
CREATE INDEX ON shop.alike (t COLLATE "POSIX");
CREATE INDEX ON shop.alike (lower(t));
CREATE INDEX ON shop.alike (upper(t));
CREATE INDEX ON shop.alike USING hash (t);
CREATE INDEX ON shop.alike (t) WHERE a > 0;
CREATE INDEX ON shop.alike (t) WHERE b > 0;
CREATE INDEX ON shop.alike (code) INCLUDE (a);
CREATE INDEX ON shop.alike (code) INCLUDE (b);
CREATE INDEX ON shop.alike (code NULLS FIRST);

-- innocent: a plain index beside a unique one is another check's business
CREATE TABLE shop.shadowed (id bigint PRIMARY KEY);
CREATE INDEX ON shop.shadowed (id);

-- innocent: a deferrable constraint cannot be referred to, the unique index beside it can settle conflicts
CREATE TABLE shop.ranks (id bigint PRIMARY KEY, place int NOT NULL UNIQUE DEFERRABLE);
CREATE UNIQUE INDEX ON shop.ranks (place);

-- innocent: a foreign key refers to one, the other is the replica identity
CREATE TABLE shop.pairs (id bigint PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE UNIQUE INDEX pairs_identity ON shop.pairs (code);
ALTER TABLE shop.pairs REPLICA IDENTITY USING INDEX pairs_identity;
CREATE TABLE shop.pair_users (id bigint PRIMARY KEY, code text REFERENCES shop.pairs (code));

-- innocent: two exclusion constraints keep two rules
CREATE TABLE shop.rooms (during tsrange, EXCLUDE USING gist (during WITH &&), EXCLUDE USING gist (during WITH =));

-- case: the keeper is the one that something depends on
-- expect: index public.keys_code_c
-- expect: index public.clustered_a
-- expect: index public.identified_a
-- The foreign key chose the older index, so the younger one goes although it is a constraint
CREATE TABLE keys (id bigint PRIMARY KEY, code text NOT NULL);
CREATE UNIQUE INDEX keys_code_a ON keys (code);
CREATE UNIQUE INDEX keys_code_b ON keys (code);
CREATE TABLE refers (id bigint PRIMARY KEY, code text);
ALTER TABLE keys ADD CONSTRAINT keys_code_c UNIQUE USING INDEX keys_code_b;
ALTER TABLE refers ADD FOREIGN KEY (code) REFERENCES keys (code);
CREATE TABLE clustered (id bigint PRIMARY KEY, a int);
CREATE INDEX clustered_a ON clustered (a);
CREATE INDEX clustered_longer ON clustered (a);
CLUSTER clustered USING clustered_longer;
CREATE TABLE identified (id bigint PRIMARY KEY, a int NOT NULL);
CREATE UNIQUE INDEX identified_a ON identified (a);
CREATE UNIQUE INDEX identified_longer ON identified (a);
ALTER TABLE identified REPLICA IDENTITY USING INDEX identified_longer;
-- innocent: the indexes that stay, and an invalid copy, which is another check's business
CREATE TABLE doubles (a int, b int);
INSERT INTO doubles VALUES (1, 1), (1, 2);
CREATE INDEX doubles_a ON doubles (a);

-- case: partitioned tables count once, a partition's private copy counts
-- expect: index public.events_kind_b
-- expect: index public.events_1_own
-- innocent: the partitions' parts of a partitioned index are not copies of anything
CREATE TABLE events (id bigint, day date, kind int, who int) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE INDEX events_kind ON events (kind);
CREATE INDEX events_kind_b ON events (kind);
CREATE INDEX events_who ON events (who);
CREATE INDEX events_1_own ON events_1 (who);

-- case: nulls counted as equal
-- versions: 15-
-- expect: index public.nulls_distinct_2
-- innocent: a unique index that counts nulls as equal is not the one that does not
CREATE TABLE nulls (id bigint PRIMARY KEY, a int);
CREATE UNIQUE INDEX nulls_distinct ON nulls (a);
CREATE UNIQUE INDEX nulls_distinct_2 ON nulls (a);
CREATE UNIQUE INDEX nulls_alike ON nulls (a) NULLS NOT DISTINCT;

-- case: indexes of a table that somebody locks are not judged
-- expect not-assessed
CREATE TABLE orders (id bigint, a int);
CREATE INDEX ON orders (a) WHERE id > 5;
CREATE INDEX ON orders (a) WHERE id > 7;
-- session migration
BEGIN;
LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
