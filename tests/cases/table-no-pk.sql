-- case: graded by size, changes and other keys
-- expect: table shop.plain medium
-- expect: table shop.changed high
-- expect: table shop.keyed low
-- expect: table shop.constrained low
-- expect: table shop.staging low
-- expect: table "shop.odd \"name" medium
-- innocent: shop.template_lines is an empty pattern for others shop.sound and the join table have keys, a view, a
-- innocent: materialised view and a temporary table need none
CREATE SCHEMA shop;
CREATE TABLE shop.plain (at timestamptz NOT NULL, what text);
CREATE TABLE shop.changed (at timestamptz NOT NULL, what text);
INSERT INTO shop.changed SELECT now(), i::text FROM generate_series(1, 120000) AS i;
UPDATE shop.changed SET what = 'x' WHERE what = '7';
ANALYZE shop.changed;
CREATE TABLE shop.keyed (code text NOT NULL, name text);
CREATE UNIQUE INDEX keyed_code ON shop.keyed (code);
CREATE TABLE shop.constrained (code text NOT NULL UNIQUE, name text);
CREATE UNLOGGED TABLE shop.staging (line text);
CREATE TABLE shop."odd ""name" (id bigint GENERATED ALWAYS AS IDENTITY, what text);
CREATE TABLE shop.sound (id bigint PRIMARY KEY, what text);
CREATE TABLE shop.joined (a bigint REFERENCES shop.sound, b bigint REFERENCES shop.sound, PRIMARY KEY (a, b));
CREATE TABLE shop.template_lines (LIKE shop.sound);
CREATE VIEW shop.seen AS SELECT * FROM shop.plain;
CREATE MATERIALIZED VIEW shop.kept AS SELECT * FROM shop.plain;
-- session other
CREATE TEMP TABLE scratch (a int);
-- main

-- case: partitions count as one table
-- expect: table public.measures medium
-- expect: table public.each_its_own low
-- innocent: public.whole has a key that spans its partitions, and each_its_own one in every partition
CREATE TABLE measures (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE measures_1 PARTITION OF measures FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE measures_2 PARTITION OF measures FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE whole (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE whole_1 PARTITION OF whole FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE each_its_own (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE each_1 PARTITION OF each_its_own (PRIMARY KEY (id)) FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE each_2 PARTITION OF each_its_own (PRIMARY KEY (id)) FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');

-- case: inheritance
-- expect: table public.logs
-- expect: table public.half_2 medium
-- innocent: public.half holds no row, and its other heir has a key
CREATE TABLE logs (at timestamptz, what text);
CREATE TABLE logs_2025 () INHERITS (logs);
CREATE TABLE logs_2026 () INHERITS (logs);
INSERT INTO logs_2026 VALUES (now(), 'started');
CREATE TABLE half (id bigint NOT NULL);
CREATE TABLE half_1 (PRIMARY KEY (id)) INHERITS (half);
CREATE TABLE half_2 () INHERITS (half);
INSERT INTO half_2 VALUES (1);

-- case: a published table without a key cannot replicate its changes
-- expect: table public.orders high
-- expect: table public.whole_rows medium
-- expect: table public.appended medium
-- innocent: whole_rows is sent with all its columns, and of appended only the inserts are published
CREATE TABLE orders (id bigint NOT NULL, what text);
CREATE TABLE whole_rows (id bigint NOT NULL, what text);
ALTER TABLE whole_rows REPLICA IDENTITY FULL;
CREATE TABLE appended (id bigint NOT NULL, what text);
CREATE PUBLICATION changes FOR TABLE orders, whole_rows;
CREATE PUBLICATION inserts FOR TABLE appended WITH (publish = 'insert');

-- case: tables of an extension are its own affair
-- expect passed
-- innocent: the extension's author decides about its tables
CREATE TABLE ours (id bigint PRIMARY KEY);
CREATE TABLE theirs (a int);
ALTER EXTENSION plpgsql ADD TABLE theirs;

-- case: keys can be judged by a role that may see nothing else
-- as: nobody
-- expect: table public.t
CREATE TABLE t (a int);
