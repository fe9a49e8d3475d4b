-- case: full pages, and an indexed column that changes
-- limits: min_updates=5000
-- expect: table shop.full low likely
-- expect: table shop.touched low likely
-- expect: table shop.guessed low possible
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA shop;
CREATE TABLE shop.full (id bigint PRIMARY KEY, n int);
INSERT INTO shop.full SELECT i, 0 FROM generate_series(1, 6000) i;
CREATE TABLE shop.touched (id bigint PRIMARY KEY, seen_at timestamptz, n int) WITH (fillfactor = 30);
CREATE INDEX ON shop.touched (seen_at);
INSERT INTO shop.touched SELECT i, now(), 0 FROM generate_series(1, 6000) i;
-- No statement tells which column it was
CREATE TABLE shop.guessed (id bigint PRIMARY KEY, seen_at timestamptz) WITH (fillfactor = 30);
CREATE INDEX ON shop.guessed (seen_at);
INSERT INTO shop.guessed SELECT i, now() FROM generate_series(1, 6000) i;
UPDATE shop.full SET n = n + 1;
UPDATE shop.touched SET seen_at = clock_timestamp();
DO $$ BEGIN EXECUTE 'UPDATE shop.guessed' || ' SET seen_at = clock_timestamp()'; END $$;
-- innocent: there is room on the pages
CREATE TABLE shop.roomy (id bigint PRIMARY KEY, n int) WITH (fillfactor = 30);
INSERT INTO shop.roomy SELECT i, 0 FROM generate_series(1, 6000) i;
UPDATE shop.roomy SET n = n + 1;
-- innocent: a few updates
CREATE TABLE shop.calm (id bigint PRIMARY KEY, n int);
INSERT INTO shop.calm SELECT i, 0 FROM generate_series(1, 6000) i;
UPDATE shop.calm SET n = n + 1 WHERE id < 1000;
-- innocent: a small table
CREATE TABLE shop.small (id bigint PRIMARY KEY, n int);
CREATE INDEX ON shop.small (n);
INSERT INTO shop.small SELECT i, 0 FROM generate_series(1, 600) i;
DO $$ BEGIN FOR i IN 1 .. 10 LOOP UPDATE shop.small SET n = n + 1; END LOOP; END $$;
