-- case: keys that wait
-- expect: constraint public.late.late_pkey medium
-- expect: constraint public.slots.slots_position_key low
-- expect: constraint public.published.published_pkey high
-- innocent: public.at_once has immediate keys, public.twin an immediate index over the same column, and a deferrable
-- innocent: foreign key is no key
CREATE TABLE late (id bigint PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE slots (id bigint PRIMARY KEY, position int UNIQUE DEFERRABLE);
CREATE TABLE published (id bigint PRIMARY KEY DEFERRABLE);
CREATE PUBLICATION changes FOR TABLE published;
CREATE TABLE at_once (id bigint PRIMARY KEY, position int UNIQUE);
CREATE TABLE twin (id bigint PRIMARY KEY, position int UNIQUE DEFERRABLE);
CREATE UNIQUE INDEX twin_position ON twin (position);
CREATE TABLE refers (id bigint PRIMARY KEY, other bigint REFERENCES at_once DEFERRABLE INITIALLY DEFERRED);

-- case: a statement that upserts
-- expect: constraint public.slots.slots_position_key medium
-- innocent: public.plain has an immediate key
CREATE EXTENSION pg_stat_statements;
CREATE TABLE slots (id bigint PRIMARY KEY, position int UNIQUE DEFERRABLE);
CREATE TABLE plain (id bigint PRIMARY KEY, position int UNIQUE);
INSERT INTO slots VALUES (1, 1) ON CONFLICT (id) DO NOTHING;
