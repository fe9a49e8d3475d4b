-- case: graded by how far the referenced key has come
-- expect: column public.near.big_id critical certain
-- expect: column public.half.mid_id medium
-- expect: column public.far.young_id low
-- expect: column public.pairs.b low
-- expect: column public.small.kind_id low
-- innocent: public.same has the same width, public.wider more, public.named refers to text, public.dom a domain of the
-- innocent: same width
CREATE TABLE big (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
SELECT setval('big_id_seq', 2100000000);
CREATE TABLE mid (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
SELECT setval('mid_id_seq', 1300000000);
CREATE TABLE young (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE near (big_id int REFERENCES big);
CREATE TABLE half (mid_id int REFERENCES mid);
CREATE TABLE far (young_id int REFERENCES young);
CREATE TABLE double_key (a int, b bigint, PRIMARY KEY (a, b));
CREATE TABLE pairs (a int, b int, FOREIGN KEY (a, b) REFERENCES double_key);
CREATE TABLE kinds (id int PRIMARY KEY, name text UNIQUE);
CREATE TABLE small (kind_id smallint REFERENCES kinds);
CREATE TABLE same (big_id bigint REFERENCES big);
CREATE TABLE wider (kind_id bigint REFERENCES kinds);
CREATE TABLE named (kind varchar(10) REFERENCES kinds (name));
CREATE DOMAIN number AS bigint;
CREATE TABLE dom (big_id number REFERENCES big);

-- case: without a sequence the rows tell
-- expect: column public.child.kind_id high
-- innocent: public.fits refers to few rows with the same width
CREATE TABLE kinds (id int PRIMARY KEY);
INSERT INTO kinds SELECT generate_series(1, 25000);
CREATE TABLE child (kind_id smallint REFERENCES kinds);
CREATE TABLE fits (kind_id int REFERENCES kinds);
ANALYZE;

-- case: the types tell even where the position may not be read
-- as: nobody
-- expect: column public.child.parent_id low
CREATE TABLE parent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
SELECT setval('parent_id_seq', 2100000000);
CREATE TABLE child (parent_id int REFERENCES parent);

-- case: partitions count as one table
-- expect: column public.events.parent_id low
-- expect: column public.leafwise.parent_id low
CREATE TABLE parent (id bigint PRIMARY KEY);
CREATE TABLE events (parent_id int REFERENCES parent, at date) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE leafwise (parent_id int, at date) PARTITION BY RANGE (at);
CREATE TABLE leafwise_1 PARTITION OF leafwise (FOREIGN KEY (parent_id) REFERENCES parent)
  FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE leafwise_2 PARTITION OF leafwise (FOREIGN KEY (parent_id) REFERENCES parent)
  FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
