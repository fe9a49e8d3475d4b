-- case: larger than the cache, busy, in no order
-- server: shared_buffers=1MB
-- expect: column public.random_here.id medium certain
-- expect: column public.random_elsewhere.id medium likely
-- innocent: the keys of public.rising come in order, public.small fits into the cache, public.still was not written
-- innocent: since the counters began, public.extra repeats the keys of public.random_here
CREATE TABLE random_here (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), what text);
INSERT INTO random_here (what) SELECT repeat('x', 20) FROM generate_series(1, 15000);
CREATE TABLE random_elsewhere (id uuid PRIMARY KEY, what text);
INSERT INTO random_elsewhere SELECT gen_random_uuid(), repeat('x', 20) FROM generate_series(1, 15000);
CREATE TABLE rising (id uuid PRIMARY KEY, what text);
INSERT INTO rising SELECT lpad(to_hex(i), 32, '0')::uuid, repeat('x', 20) FROM generate_series(1, 15000) AS i;
CREATE TABLE small (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
INSERT INTO small SELECT FROM generate_series(1, 2000);
CREATE TABLE extra (id uuid PRIMARY KEY REFERENCES random_here, what text);
INSERT INTO extra SELECT id, repeat('x', 20) FROM random_here;
CREATE TABLE still (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), what text);
INSERT INTO still (what) SELECT repeat('x', 20) FROM generate_series(1, 15000);
ANALYZE;
SELECT pg_stat_reset_single_table_counters('still'::regclass);

-- case: an order that may not be seen
-- server: shared_buffers=1MB
-- as: nobody
-- expect: column public.random_here.id certain
-- innocent: public.elsewhere may be in order: the statistics are hidden
CREATE TABLE random_here (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), what text);
INSERT INTO random_here (what) SELECT repeat('x', 20) FROM generate_series(1, 15000);
CREATE TABLE elsewhere (id uuid PRIMARY KEY, what text);
INSERT INTO elsewhere SELECT gen_random_uuid(), repeat('x', 20) FROM generate_series(1, 15000);
