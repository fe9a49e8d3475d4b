-- case: different collations
-- expect: constraint shop.fails.fails_code_fkey medium certain
-- expect: constraint shop.slow.slow_code_fkey low certain
CREATE SCHEMA shop;
CREATE TABLE shop.product (code text COLLATE "C" PRIMARY KEY);
CREATE TABLE shop.fails (id bigint PRIMARY KEY, code text COLLATE "POSIX" REFERENCES shop.product);
CREATE TABLE shop.slow (id bigint PRIMARY KEY, code text REFERENCES shop.product);
-- innocent: the same collation
CREATE TABLE shop.sound (id bigint PRIMARY KEY, code text COLLATE "C" REFERENCES shop.product);
-- innocent: the database's on both sides, whatever the type
CREATE TABLE shop.kind (name varchar(20) PRIMARY KEY);
CREATE TABLE shop.thing (id bigint PRIMARY KEY, kind text REFERENCES shop.kind);
-- innocent: numbers have none
CREATE TABLE shop.item (id bigint PRIMARY KEY, thing bigint REFERENCES shop.thing);
INSERT INTO shop.product VALUES ('a');
INSERT INTO shop.fails VALUES (1, 'a');
DO $$ BEGIN
  PERFORM 1 FROM shop.product p JOIN shop.fails f ON f.code = p.code;
  RAISE 'the join did not fail';
EXCEPTION WHEN indeterminate_collation OR collation_mismatch THEN NULL;
END $$;
