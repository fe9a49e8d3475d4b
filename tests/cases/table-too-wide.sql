-- case: sixty columns
-- expect: table public.customer low
-- innocent: thirty columns are many, but one thing may have them
DO $$ BEGIN
  EXECUTE 'CREATE TABLE customer (id int PRIMARY KEY, ' || (SELECT string_agg(format('%s_%s text', (ARRAY['note','flag','code'])[g % 3 + 1], chr(97 + g / 26) || chr(97 + g % 26)), ', ') FROM generate_series(1, 60) g) || ')';
  EXECUTE 'CREATE TABLE thing (id int PRIMARY KEY, ' || (SELECT string_agg(format('a_%s text', chr(97 + g / 26) || chr(97 + g % 26)), ', ') FROM generate_series(1, 29) g) || ')';
END $$;
