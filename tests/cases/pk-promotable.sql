-- case: what could be promoted, and what could not
-- expect: index shop.bare_code low
-- expect: index shop.pair_key low
-- expect: index shop.constrained_code_key info
-- expect: index shop.backwards_code info
-- expect: index shop.parts_key info
-- expect: index shop.two_keys_narrow low
-- innocent: nullable, partial, expression and deferrable keys cannot name every row at every moment; a plain index is
-- innocent: not unique; a table with a primary key needs no other
CREATE SCHEMA shop;
CREATE TABLE shop.bare (code text NOT NULL, name text);
CREATE UNIQUE INDEX bare_code ON shop.bare (code) INCLUDE (name);
CREATE TABLE shop.pair (a int NOT NULL, b int NOT NULL);
CREATE UNIQUE INDEX pair_key ON shop.pair (a, b);
CREATE TABLE shop.constrained (code text NOT NULL UNIQUE);
CREATE TABLE shop.backwards (code text NOT NULL);
CREATE UNIQUE INDEX backwards_code ON shop.backwards (code DESC);
CREATE TABLE shop.parts (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE UNIQUE INDEX parts_key ON shop.parts (id, at);
CREATE TABLE shop.parts_1 PARTITION OF shop.parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.two_keys (a int NOT NULL, b int NOT NULL, code text NOT NULL UNIQUE);
CREATE UNIQUE INDEX two_keys_wide ON shop.two_keys (a, b);
CREATE UNIQUE INDEX two_keys_narrow ON shop.two_keys (b);
CREATE TABLE shop.nullable (code text UNIQUE);
CREATE TABLE shop.some (code text NOT NULL, live boolean NOT NULL);
CREATE UNIQUE INDEX some_live ON shop.some (code) WHERE live;
CREATE TABLE shop.folded (code text NOT NULL);
CREATE UNIQUE INDEX folded_code ON shop.folded (lower(code));
CREATE TABLE shop.later (code text NOT NULL UNIQUE DEFERRABLE);
CREATE TABLE shop.plain (code text NOT NULL);
CREATE INDEX plain_code ON shop.plain (code);
CREATE TABLE shop.sound (id bigint PRIMARY KEY, code text NOT NULL);
CREATE UNIQUE INDEX sound_code ON shop.sound (code);
CREATE TABLE shop.broken (code text NOT NULL);
CREATE UNIQUE INDEX broken_code ON shop.broken (code);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.broken_code'::regclass;

-- case: nulls that count as equal
-- versions: 15-
-- expect: index public.t_key info
-- innocent: the column is mandatory, so that only the index's own way of comparing nulls is in the way
CREATE TABLE t (code text NOT NULL);
CREATE UNIQUE INDEX t_key ON t (code) NULLS NOT DISTINCT;
