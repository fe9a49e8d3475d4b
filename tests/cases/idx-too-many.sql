-- case: many indexes on a table that only takes writes
-- limits: min_writes=10000
-- expect: table public.log low likely
CREATE TABLE log (
  id bigint PRIMARY KEY, a int, b int, c int, d int, e int, f int, g int, h int, i int, note text);
CREATE INDEX ON log (a);
CREATE INDEX ON log (b);
CREATE INDEX ON log (c);
CREATE INDEX ON log (d);
CREATE INDEX ON log (e);
CREATE INDEX ON log (f);
CREATE INDEX ON log (g);
CREATE INDEX ON log (h);
CREATE INDEX ON log (i);
INSERT INTO log SELECT n, n, n, n, n, n, n, n, n, n, repeat('x', 2000) FROM generate_series(1, 12000) n;
-- innocent: as many indexes, hardly a write
CREATE TABLE lookup (id bigint PRIMARY KEY, a int, b int, c int, d int, e int, f int, g int, h int, i int);
CREATE INDEX ON lookup (a);
CREATE INDEX ON lookup (b);
CREATE INDEX ON lookup (c);
CREATE INDEX ON lookup (d);
CREATE INDEX ON lookup (e);
CREATE INDEX ON lookup (f);
CREATE INDEX ON lookup (g);
CREATE INDEX ON lookup (h);
CREATE INDEX ON lookup (i);
INSERT INTO lookup SELECT n, n, n, n, n, n, n, n, n, n FROM generate_series(1, 1000) n;
-- innocent: many writes, two indexes
CREATE TABLE narrow (id bigint PRIMARY KEY, a int);
CREATE INDEX ON narrow (a);
INSERT INTO narrow SELECT n, n FROM generate_series(1, 20000) n;
-- innocent: six indexes that weigh no more than the rows
CREATE TABLE six (id bigint PRIMARY KEY, a int, b int, c int, d int, e int, note text);
CREATE INDEX ON six (a);
CREATE INDEX ON six (b);
CREATE INDEX ON six (c);
CREATE INDEX ON six (d);
CREATE INDEX ON six (e);
INSERT INTO six SELECT n, n, n, n, n, n, repeat('x', 1500) FROM generate_series(1, 12000) n;

-- case: six indexes outweigh the rows three times
-- limits: min_writes=10000
-- expect: table public.six
CREATE TABLE six (id bigint PRIMARY KEY, a int, b int, c int, d int, e int);
CREATE INDEX ON six (a, b, c, d);
CREATE INDEX ON six (b, c, d, e);
CREATE INDEX ON six (c, d, e, a);
CREATE INDEX ON six (d, e, a, b);
CREATE INDEX ON six (e, a, b, c);
INSERT INTO six SELECT n, n, n, n, n, n FROM generate_series(1, 12000) n;
-- innocent: it is read more than it is written
CREATE TABLE read (id bigint PRIMARY KEY, a int, b int, c int, d int, e int);
CREATE INDEX ON read (a, b, c, d);
CREATE INDEX ON read (b, c, d, e);
CREATE INDEX ON read (c, d, e, a);
CREATE INDEX ON read (d, e, a, b);
CREATE INDEX ON read (e, a, b, c);
INSERT INTO read SELECT n, n, n, n, n, n FROM generate_series(1, 12000) n;
DO $$ BEGIN FOR n IN 1 .. 13000 LOOP PERFORM 1 FROM read WHERE id = n; END LOOP; END $$;
