-- case: columns that came and went
-- expect: table public.worn low certain
-- expect: table public.parted
CREATE TABLE worn (id bigint PRIMARY KEY);
DO $$ BEGIN FOR n IN 1 .. 35 LOOP
  EXECUTE format('ALTER TABLE worn ADD COLUMN c%s int', n);
  EXECUTE format('ALTER TABLE worn DROP COLUMN c%s', n);
END LOOP; END $$;
CREATE TABLE parted (id bigint) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
DO $$ BEGIN FOR n IN 1 .. 35 LOOP
  EXECUTE format('ALTER TABLE parted ADD COLUMN c%s int', n);
  EXECUTE format('ALTER TABLE parted DROP COLUMN c%s', n);
END LOOP; END $$;
-- innocent: a handful
CREATE TABLE few (id bigint PRIMARY KEY, a int, b int, c int);
ALTER TABLE few DROP COLUMN a, DROP COLUMN b;

-- case: close to the limit
-- expect: table public.worn high
-- innocent: many columns that are all there
CREATE TABLE worn (id bigint PRIMARY KEY);
DO $$ BEGIN FOR n IN 1 .. 1250 LOOP
  EXECUTE format('ALTER TABLE worn ADD COLUMN c%s int', n);
  EXECUTE format('ALTER TABLE worn DROP COLUMN c%s', n);
END LOOP; END $$;
CREATE TABLE wide (id bigint PRIMARY KEY);
DO $$ BEGIN FOR n IN 1 .. 100 LOOP EXECUTE format('ALTER TABLE wide ADD COLUMN c%s int', n); END LOOP; END $$;
