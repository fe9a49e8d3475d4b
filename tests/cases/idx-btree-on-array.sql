-- case: tags in a B-tree
-- expect: index shop.posts_tags low likely
-- expect: index shop.posts_numbers_at
CREATE SCHEMA shop;
CREATE TABLE shop.posts (id bigint PRIMARY KEY, tags text[], numbers int[], path int[], at timestamptz, body text);
CREATE INDEX posts_tags ON shop.posts (tags);
CREATE INDEX posts_numbers_at ON shop.posts (numbers, at);
-- innocent: other methods, other columns
CREATE INDEX ON shop.posts USING gin (tags);
CREATE INDEX ON shop.posts (body);
CREATE INDEX ON shop.posts (cardinality(tags));
CREATE INDEX ON shop.posts USING hash (tags);
-- innocent: whole arrays must be unique
CREATE UNIQUE INDEX ON shop.posts (numbers);
-- innocent: whole arrays are searched
CREATE INDEX posts_path ON shop.posts (path);
SET enable_seqscan = off;
SELECT count(*) FROM shop.posts WHERE path = '{1,2}';
