-- case: never scanned in forty days
-- after: 40 days
-- expect: index shop.orders_note low likely
-- expect: index shop.lines_other_fk
-- expect: index shop.parted_kind
-- expect: index shop.mv_a
CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, email text UNIQUE);
INSERT INTO shop.customers SELECT i, 'c' || i FROM generate_series(1, 3000) i;
CREATE TABLE shop.orders (
  id bigint PRIMARY KEY, customer_id bigint REFERENCES shop.customers, note text, code text NOT NULL, at timestamptz,
  place int, EXCLUDE USING btree (place WITH =));
INSERT INTO shop.orders SELECT i, i % 3000 + 1, 'note ' || i, 'code ' || i, now(), i FROM generate_series(1, 5000) i;
CREATE INDEX orders_note ON shop.orders (note);
-- Two indexes serve the same foreign key: one of them can go
CREATE TABLE shop.lines (id bigint PRIMARY KEY, customer_id bigint REFERENCES shop.customers, n int, m int);
INSERT INTO shop.lines SELECT i, i % 3000 + 1, i, i FROM generate_series(1, 5000) i;
CREATE INDEX lines_fk ON shop.lines (customer_id, n);
CREATE INDEX lines_other_fk ON shop.lines (customer_id, m);
-- A partitioned index counts once
CREATE TABLE shop.parted (id bigint, kind int, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.parted_1 PARTITION OF shop.parted FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.parted_2 PARTITION OF shop.parted FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE INDEX parted_kind ON shop.parted (kind);
INSERT INTO shop.parted SELECT i, i, date '2026-01-01' + i % 50 FROM generate_series(1, 8000) i;
CREATE MATERIALIZED VIEW shop.mv AS SELECT id AS a FROM shop.orders;
CREATE INDEX mv_a ON shop.mv (a);
-- innocent: keys, constraints, the only index of a foreign key
CREATE INDEX orders_customer ON shop.orders (customer_id);
CREATE UNIQUE INDEX orders_code ON shop.orders (code);
-- innocent: expression statistics come from the index
CREATE INDEX orders_lower ON shop.orders (lower(note));
-- innocent: it is scanned
CREATE INDEX orders_at ON shop.orders (at);
SET enable_seqscan = off;
ANALYZE;
SELECT count(*) FROM shop.orders WHERE at > now() - interval '1 second';
SELECT count(*) FROM shop.lines WHERE customer_id = 5 AND n = 4;
RESET enable_seqscan;
-- innocent: so small that no plan would use it
CREATE TABLE shop.small (id bigint PRIMARY KEY, a int);
INSERT INTO shop.small VALUES (1, 1), (2, 2);
CREATE INDEX small_a ON shop.small (a);
-- innocent: the replica identity, and the order of clustering
CREATE TABLE shop.identified (a int NOT NULL, b int);
INSERT INTO shop.identified SELECT i, i FROM generate_series(1, 5000) i;
CREATE UNIQUE INDEX identified_a ON shop.identified (a);
ALTER TABLE shop.identified REPLICA IDENTITY USING INDEX identified_a;
CREATE INDEX identified_b ON shop.identified (b);
ALTER TABLE shop.identified CLUSTER ON identified_b;
-- innocent: an index that another one covers is another check's business
CREATE INDEX lines_n ON shop.lines (n);
CREATE INDEX lines_n_m ON shop.lines (n, m);
SET enable_seqscan = off;
SELECT count(*) FROM shop.lines WHERE n = 5 AND m = 5;
RESET enable_seqscan;

-- case: a short window proves nothing
-- after: 12 days
-- expect not-assessed
CREATE TABLE t (id bigint PRIMARY KEY, a int);
INSERT INTO t SELECT i, i FROM generate_series(1, 5000) i;
CREATE INDEX t_a ON t (a);

-- case: a replica may be the one that uses it
-- replica
-- after: 40 days
-- expect not-assessed
CREATE TABLE t (id bigint PRIMARY KEY, a int);
INSERT INTO t SELECT i, i FROM generate_series(1, 5000) i;
CREATE INDEX t_a ON t (a);

-- case: a replica knows only its own scans
-- replica audited
-- after: 40 days
-- expect not-assessed
CREATE TABLE t (id bigint PRIMARY KEY, a int);
INSERT INTO t SELECT i, i FROM generate_series(1, 5000) i;
CREATE INDEX t_a ON t (a);

-- case: counters are open to everybody
-- after: 40 days
-- as: nobody
-- expect: index public.t_a
CREATE TABLE t (id bigint PRIMARY KEY, a int);
INSERT INTO t SELECT i, i FROM generate_series(1, 5000) i;
CREATE INDEX t_a ON t (a);
ANALYZE t;
