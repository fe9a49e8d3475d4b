-- case: statements that look into values
-- expect: column shop.posts.tags low likely
-- expect: column shop.posts.meta
-- expect: column shop.posts.title
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA shop;
CREATE TABLE shop.posts (
  id bigint PRIMARY KEY, tags text[], meta jsonb, title text, other text[], body tsvector, note text, rare text[],
  owner int);
INSERT INTO shop.posts
SELECT i, ARRAY['t' || i % 50], jsonb_build_object('k', i), 'title ' || i, ARRAY['o' || i], 'x'::tsvector, 'n' || i,
       ARRAY['r' || i], i % 1000 FROM generate_series(1, 12000) i;
ANALYZE;
-- repeat: 30
SELECT count(*) FROM shop.posts WHERE tags @> ARRAY['t7'];
-- repeat: 30
SELECT id FROM shop.posts p WHERE p.meta @> '{"k": 5}' AND p.id > 0;
-- repeat: 30
SELECT id FROM shop.posts WHERE title ILIKE '%le 77%';
-- innocent: an inverted index looks into it
CREATE INDEX ON shop.posts USING gin (body);
CREATE INDEX ON shop.posts USING gin (other);
-- repeat: 30
SELECT id FROM shop.posts WHERE body @@ to_tsquery('x') AND other && ARRAY['o7'];
-- innocent: compared as a whole, or from the beginning
-- repeat: 30
SELECT id FROM shop.posts WHERE note LIKE 'n7%' OR note = 'n8';
-- innocent: rare
SELECT count(*) FROM shop.posts WHERE rare @> ARRAY['r7'];
-- innocent: another condition narrows the rows first
CREATE INDEX ON shop.posts (owner);
-- repeat: 30
SELECT id FROM shop.posts WHERE owner = 7 AND rare && ARRAY['r7'];
-- innocent: a small table
CREATE TABLE shop.small (id bigint PRIMARY KEY, tags text[]);
INSERT INTO shop.small SELECT i, ARRAY['t' || i] FROM generate_series(1, 100) i;
ANALYZE shop.small;
-- repeat: 30
SELECT count(*) FROM shop.small WHERE tags @> ARRAY['t7'];

-- case: without statements nothing is known
-- expect not-assessed
CREATE TABLE posts (id bigint PRIMARY KEY, tags text[]);
INSERT INTO posts SELECT i, ARRAY['t' || i] FROM generate_series(1, 12000) i;
