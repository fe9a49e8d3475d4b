-- case: leftovers of failed builds
-- expect: index public.t_a_unique high certain
-- expect: index public.t_b_ccnew medium
-- expect: index public.t_c_again
CREATE TABLE t (id bigint PRIMARY KEY, a int, b int, c int);
INSERT INTO t SELECT i, i % 10, i, i FROM generate_series(1, 100) i;
CREATE INDEX t_b ON t (b);
CREATE INDEX t_b_ccnew ON t (b);
CREATE INDEX t_c ON t (c);
CREATE INDEX t_c_again ON t (c);
CREATE INDEX t_a_unique ON t (a);
-- A failed build leaves exactly these marks, and a case file cannot let a statement fail outside a block
UPDATE pg_index SET indisvalid = false, indisready = true
 WHERE indexrelid IN ('t_b_ccnew'::regclass, 't_c_again'::regclass);
UPDATE pg_index SET indisvalid = false, indisready = false, indisunique = true WHERE indexrelid = 't_a_unique'::regclass;

-- innocent: a partitioned index that waits for its parts
CREATE TABLE parted (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE INDEX parted_id ON ONLY parted (id);

-- case: a leftover on one partition
-- expect: index public.parted_1_id
-- innocent: the index of the other partition is whole
CREATE TABLE parted (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE INDEX parted_1_id ON parted_1 (id);
CREATE INDEX parted_2_id ON parted_2 (id);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'parted_1_id'::regclass;

-- case: a build under way is no leftover
-- expect nothing
CREATE TABLE t (id bigint PRIMARY KEY, a int);
INSERT INTO t SELECT i, i FROM generate_series(1, 1000) i;
-- session writer
BEGIN;
INSERT INTO t VALUES (0, 0);
-- session builder background
CREATE INDEX CONCURRENTLY t_a ON t (a);
