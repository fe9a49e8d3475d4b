-- case: nothing tells rows apart
-- expect: table shop.plain medium
-- expect: table shop.logged low
-- expect: table shop.staging low
-- expect: table shop.partial medium
-- expect: table shop.changed high
-- innocent: a nullable unique key, a unique expression, an exclusion by hand and a primary key are keys
CREATE SCHEMA shop;
CREATE TABLE shop.plain (at timestamptz NOT NULL, what text);
CREATE INDEX ON shop.plain (what);
CREATE TABLE shop.logged (at timestamptz NOT NULL, what text);
INSERT INTO shop.logged SELECT now(), i::text FROM generate_series(1, 2000) AS i;
ANALYZE shop.logged;
CREATE UNLOGGED TABLE shop.staging (line text);
CREATE TABLE shop.partial (code text, deleted_at timestamptz);
CREATE UNIQUE INDEX partial_live ON shop.partial (code) WHERE deleted_at IS NULL;
CREATE TABLE shop.changed (at timestamptz NOT NULL, what text);
INSERT INTO shop.changed SELECT now(), i::text FROM generate_series(1, 120000) AS i;
DELETE FROM shop.changed WHERE what = '7';
ANALYZE shop.changed;
CREATE TABLE shop.optional (code text UNIQUE, name text);
CREATE TABLE shop.folded (code text NOT NULL, name text);
CREATE UNIQUE INDEX folded_code ON shop.folded (lower(code));
CREATE TABLE shop.sound (id bigint PRIMARY KEY);

-- case: an index that is not valid is no key
-- expect: table public.broken
-- innocent: public.whole has the same index, valid
CREATE TABLE broken (code text NOT NULL);
CREATE UNIQUE INDEX broken_code ON broken (code);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken_code'::regclass;
CREATE TABLE whole (code text NOT NULL);
CREATE UNIQUE INDEX whole_code ON whole (code);

-- case: partitions and heirs
-- expect: table public.measures
-- expect: table public.logs
-- innocent: every partition of public.each_its_own has a key
CREATE TABLE measures (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE measures_1 PARTITION OF measures FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE logs (at timestamptz, what text);
CREATE TABLE logs_2026 () INHERITS (logs);
INSERT INTO logs_2026 VALUES (now(), 'started');
CREATE TABLE each_its_own (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE each_1 PARTITION OF each_its_own (UNIQUE (id)) FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');

-- case: a role that may see nothing
-- as: nobody
-- expect: table public.t
CREATE TABLE t (a int);
