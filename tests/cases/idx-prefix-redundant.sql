-- case: beginnings of longer indexes
-- expect: index shop.orders_customer low likely
-- expect: index shop.orders_state_at
-- expect: index shop.members_a
-- expect: index shop.people_lower
-- expect: index shop.live_a
-- expect: index shop.chain_1
-- expect: index shop.chain_2
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id bigint, state text, at timestamptz);
CREATE INDEX orders_customer ON shop.orders (customer_id);
CREATE INDEX orders_customer_at ON shop.orders (customer_id, at);
CREATE INDEX orders_state_at ON shop.orders (state, at DESC);
CREATE INDEX orders_state_at_id ON shop.orders (state, at DESC, id);
CREATE TABLE shop.members (a bigint, b bigint, PRIMARY KEY (a, b));
CREATE INDEX members_a ON shop.members (a);
CREATE TABLE shop.people (id bigint PRIMARY KEY, name text, born date);
CREATE INDEX people_lower ON shop.people (lower(name));
CREATE INDEX people_lower_born ON shop.people (lower(name), born);
CREATE TABLE shop.live (id bigint PRIMARY KEY, a int, b int, gone boolean);
CREATE INDEX live_a ON shop.live (a) WHERE NOT gone;
CREATE INDEX live_ab ON shop.live (a, b) WHERE NOT gone;
CREATE TABLE shop.chain (id bigint PRIMARY KEY, a int, b int, c int);
CREATE INDEX chain_1 ON shop.chain (a);
CREATE INDEX chain_2 ON shop.chain (a, b);
CREATE INDEX chain_3 ON shop.chain (a, b, c);

-- innocent: a narrower unique index keeps a rule
CREATE TABLE shop.keyed (id bigint PRIMARY KEY, code text UNIQUE, part int, n int);
CREATE INDEX ON shop.keyed (id, n);
CREATE INDEX ON shop.keyed (code, part);
CREATE UNIQUE INDEX ON shop.keyed (part);
CREATE INDEX ON shop.keyed (part, n);
-- innocent: the second column, another direction, operator class, method, predicate
CREATE TABLE shop.alike (id bigint PRIMARY KEY, a int, b int, t text, gone boolean, tags text[]);
CREATE INDEX ON shop.alike (a, b);
CREATE INDEX ON shop.alike (b);
CREATE INDEX ON shop.alike (t text_pattern_ops);
CREATE INDEX ON shop.alike (t, a);
CREATE INDEX ON shop.alike USING hash (a);
CREATE INDEX ON shop.alike (a) WHERE NOT gone;
CREATE INDEX ON shop.alike (a, id) WHERE gone;
CREATE INDEX ON shop.alike USING brin (a);
-- innocent: the longer one covers only some rows
CREATE TABLE shop.part (id bigint PRIMARY KEY, a int, b int, gone boolean);
CREATE INDEX ON shop.part (a);
CREATE INDEX ON shop.part (a, b) WHERE NOT gone;
-- innocent: the replica identity
CREATE TABLE shop.identified (a int NOT NULL, b int);
CREATE UNIQUE INDEX identified_a ON shop.identified (a);
ALTER TABLE shop.identified REPLICA IDENTITY USING INDEX identified_a;
CREATE INDEX ON shop.identified (a, b);

-- case: a much larger longer index only makes it possible
-- expect: index public.wide_a low possible
-- innocent: nothing else
CREATE TABLE wide (id bigint PRIMARY KEY, a int, t text);
INSERT INTO wide SELECT i, i % 100, repeat(md5(i::text), 8) FROM generate_series(1, 150000) i;
CREATE INDEX wide_a ON wide (a);
CREATE INDEX wide_a_t ON wide (a, t);
VACUUM ANALYZE wide;

-- case: an equal plain index and a unique one
-- expect: index public.t_a
-- innocent: t_ab is shadowed by the unique index, and says so in another check
CREATE TABLE t (id bigint PRIMARY KEY, a int, b int);
CREATE UNIQUE INDEX t_unique ON t (a, b);
CREATE INDEX t_ab ON t (a, b);
CREATE INDEX t_a ON t (a);
