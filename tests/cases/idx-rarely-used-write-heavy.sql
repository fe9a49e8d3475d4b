-- case: ten thousand writes for a scan
-- after: 40 days
-- limits: min_bytes=100000 min_writes=10000 ratio=1000 batch_rows=1000
-- expect: index public.log_actor low possible
CREATE TABLE log (id bigint PRIMARY KEY, actor int, kind int, at timestamptz, ref text);
CREATE INDEX log_actor ON log (actor);
CREATE INDEX log_kind ON log (kind);
CREATE UNIQUE INDEX log_ref ON log (ref);
INSERT INTO log SELECT i, i, i % 3, now(), 'r' || i FROM generate_series(1, 20000) i;
ANALYZE log;
SET enable_seqscan = off;
SELECT count(*) FROM log WHERE actor = 77;
-- innocent: the few scans are batches
SELECT count(at) FROM log WHERE kind = 1;
-- innocent: it keeps a rule
SELECT count(*) FROM log WHERE ref = 'r77';
-- innocent: it is scanned often enough
CREATE TABLE hot (id bigint PRIMARY KEY, a int);
CREATE INDEX hot_a ON hot (a);
INSERT INTO hot SELECT i, i FROM generate_series(1, 20000) i;
-- repeat: 100
SELECT count(*) FROM hot WHERE a = 5;

-- case: a short window proves nothing
-- limits: min_bytes=100000 min_writes=10000 ratio=1000
-- expect not-assessed
CREATE TABLE log (id bigint PRIMARY KEY, actor int);
CREATE INDEX log_actor ON log (actor);
INSERT INTO log SELECT i, i FROM generate_series(1, 20000) i;
SET enable_seqscan = off;
SELECT count(*) FROM log WHERE actor = 77;
