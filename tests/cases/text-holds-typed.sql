-- case: typed values in text
-- expect: column public.device.token low
-- expect: column public.device.seen_on low
-- innocent: free text, numbers with leading zeros, mixed values, and a column that is often but not always a uuid
CREATE TABLE device (id int PRIMARY KEY, token text, seen_on text, note text, zip text, mixed text, nearly text);
INSERT INTO device SELECT g, gen_random_uuid()::text, (date '2026-01-01' + g % 300)::text, 'note ' || g, lpad(g::text, 5, '0'),
  CASE WHEN g % 2 = 0 THEN gen_random_uuid()::text ELSE 'none' END, CASE WHEN g % 3 = 0 THEN 'legacy-' || g ELSE gen_random_uuid()::text END
FROM generate_series(1, 500) g;
ANALYZE device;

-- case: numbers in text
-- expect: column public.post.view_count low likely
-- innocent: codes of digits are no numbers, and some counts are words
CREATE TABLE post (id int PRIMARY KEY, view_count text, phone text, article_code text, lot_count text);
INSERT INTO post SELECT g, (g % 400)::text, (49301000 + g)::text, (1000 + g)::text,
  CASE WHEN g % 5 = 0 THEN 'many' ELSE g::text END FROM generate_series(1, 500) g;
ANALYZE post;
