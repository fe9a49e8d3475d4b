-- case: a page damaged on disk
-- versions: 18-
-- own server
-- expect: database * critical
-- The page is overwritten as a failing disk would, after the cache has let go of it.
CREATE TABLE damaged AS SELECT g FROM generate_series(1, 1000) g;
CHECKPOINT;
CREATE TABLE place AS SELECT pg_relation_filepath('damaged') AS path;
DO $$ BEGIN EXECUTE format($c$COPY (SELECT 1) TO PROGRAM 'printf XXXXXXXX | dd of=%s bs=1 seek=4000 conv=notrunc 2>/dev/null; cat >/dev/null'$c$,
  (SELECT path FROM place)); END $$;
CREATE EXTENSION pg_buffercache;
SELECT pg_buffercache_evict(bufferid) FROM pg_buffercache WHERE relfilenode = pg_relation_filenode('damaged');
DO $$ BEGIN PERFORM count(*) FROM damaged; EXCEPTION WHEN data_corrupted THEN NULL; END $$;

-- case: sound pages
-- versions: 18-
-- innocent: checksums are on and nothing failed
-- expect passed
CREATE TABLE sound AS SELECT g FROM generate_series(1, 1000) g;
