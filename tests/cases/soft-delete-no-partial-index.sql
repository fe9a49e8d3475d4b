-- case: deleted rows in every index
-- limits: min_reads=20
-- expect: table shop.orders low likely
-- expect: table shop.users medium
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id int, deleted_at timestamptz);
INSERT INTO shop.orders SELECT i, i % 500, CASE WHEN i % 3 = 0 THEN now() END FROM generate_series(1, 12000) i;
CREATE INDEX orders_customer ON shop.orders (customer_id);
CREATE TABLE shop.users (id bigint PRIMARY KEY, name text, "isDeleted" boolean NOT NULL);
INSERT INTO shop.users SELECT i, 'n' || i, i % 2 = 0 FROM generate_series(1, 12000) i;
-- innocent: an index leaves the deleted rows out
CREATE TABLE shop.notes (id bigint PRIMARY KEY, customer_id int, deleted_at timestamptz);
INSERT INTO shop.notes SELECT i, i % 500, CASE WHEN i % 3 = 0 THEN now() END FROM generate_series(1, 12000) i;
CREATE INDEX ON shop.notes (customer_id) WHERE deleted_at IS NULL;
-- innocent: hardly any row is deleted
CREATE TABLE shop.items (id bigint PRIMARY KEY, customer_id int, deleted_at timestamptz);
INSERT INTO shop.items SELECT i, i % 500, CASE WHEN i % 100 = 0 THEN now() END FROM generate_series(1, 12000) i;
CREATE INDEX items_customer ON shop.items (customer_id);
-- innocent: the column says something else
CREATE TABLE shop.files (id bigint PRIMARY KEY, customer_id int, shipped_at timestamptz, deleted_by int, undeleted bool);
INSERT INTO shop.files SELECT i, i % 500, CASE WHEN i % 3 = 0 THEN now() END, 1, i % 2 = 0 FROM generate_series(1, 12000) i;
CREATE INDEX files_customer ON shop.files (customer_id);
-- innocent: it is read by its key only
CREATE TABLE shop.docs (id bigint PRIMARY KEY, customer_id int, deleted_at timestamptz);
INSERT INTO shop.docs SELECT i, i % 500, CASE WHEN i % 3 = 0 THEN now() END FROM generate_series(1, 12000) i;
CREATE INDEX docs_customer ON shop.docs (customer_id);
-- innocent: a log of deletions, each row has the time
CREATE TABLE shop.deletions (id bigint PRIMARY KEY, customer_id int, deleted_at timestamptz NOT NULL);
INSERT INTO shop.deletions SELECT i, i % 500, now() FROM generate_series(1, 12000) i;
CREATE INDEX deletions_customer ON shop.deletions (customer_id);
-- innocent: a small table
CREATE TABLE shop.small (id bigint PRIMARY KEY, customer_id int, deleted_at timestamptz);
INSERT INTO shop.small SELECT i, i % 500, CASE WHEN i % 3 = 0 THEN now() END FROM generate_series(1, 200) i;
CREATE INDEX small_customer ON shop.small (customer_id);
VACUUM ANALYZE;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
-- repeat: 25
SELECT count(*) FROM shop.orders WHERE customer_id = 5 AND deleted_at IS NULL;
-- repeat: 25
SELECT count(*) FROM shop.users WHERE name = 'n7' AND NOT "isDeleted";
-- repeat: 25
SELECT count(*) FROM shop.notes WHERE customer_id = 5 AND deleted_at IS NULL;
-- repeat: 25
SELECT count(*) FROM shop.items WHERE customer_id = 5 AND deleted_at IS NULL;
-- repeat: 25
SELECT count(*) FROM shop.files WHERE customer_id = 5;
-- repeat: 25
SELECT count(*) FROM shop.docs WHERE id = 5 AND deleted_at IS NULL;
-- repeat: 25
SELECT count(*) FROM shop.deletions WHERE customer_id = 5;
-- repeat: 25
SELECT count(*) FROM shop.small WHERE customer_id = 5 AND deleted_at IS NULL;

-- case: without statistics nothing is known
-- as: nobody
-- limits: min_reads=20
-- expect not-assessed
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int, deleted_at timestamptz);
INSERT INTO orders SELECT i, i % 500, CASE WHEN i % 3 = 0 THEN now() END FROM generate_series(1, 12000) i;
CREATE INDEX orders_customer ON orders (customer_id);
ANALYZE orders;

-- case: a table that somebody locks is not judged
-- limits: min_reads=0
-- expect not-assessed
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int, deleted_at timestamptz);
INSERT INTO orders SELECT i, i % 500, CASE WHEN i % 3 = 0 THEN now() END FROM generate_series(1, 12000) i;
CREATE INDEX orders_customer ON orders (customer_id) WHERE deleted_at IS NULL;
ANALYZE orders;
-- session migration
BEGIN;
LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
