-- case: more than the limit
-- limits: many=20 very_many=1000
-- expect: table public.events low likely
CREATE TABLE events (id bigint, n int) PARTITION BY RANGE (n);
DO $$ BEGIN FOR n IN 1 .. 25 LOOP
  EXECUTE format('CREATE TABLE events_%s PARTITION OF events FOR VALUES FROM (%s) TO (%s)', n, n, n + 1);
END LOOP; END $$;
-- innocent: a few partitions
CREATE TABLE few (id bigint, n int) PARTITION BY RANGE (n);
CREATE TABLE few_1 PARTITION OF few FOR VALUES FROM (1) TO (2);
-- innocent: many tables that are no partitions
DO $$ BEGIN FOR n IN 1 .. 25 LOOP EXECUTE format('CREATE TABLE plain_%s (id bigint)', n); END LOOP; END $$;

-- case: far more
-- limits: many=20 very_many=24
-- expect: table public.events medium
CREATE TABLE events (id bigint, n int) PARTITION BY RANGE (n);
DO $$ BEGIN FOR n IN 1 .. 25 LOOP
  EXECUTE format('CREATE TABLE events_%s PARTITION OF events FOR VALUES FROM (%s) TO (%s)', n, n, n + 1);
END LOOP; END $$;
