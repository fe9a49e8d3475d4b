-- case: one that somebody made by hand
-- own server
-- expect: schema shop low certain
CREATE ROLE app;
CREATE ROLE alice;
CREATE SCHEMA shop;
CREATE TABLE shop.a (id int PRIMARY KEY);
CREATE TABLE shop.b (id int PRIMARY KEY);
CREATE TABLE shop.c (id int PRIMARY KEY);
CREATE TABLE shop.d (id int PRIMARY KEY);
CREATE TABLE shop.e (id int PRIMARY KEY);
CREATE TABLE shop.by_hand (id int PRIMARY KEY);
DO $$ DECLARE name text; BEGIN
  FOREACH name IN ARRAY '{a,b,c,d,e}'::text[] LOOP EXECUTE format('ALTER TABLE shop.%I OWNER TO app', name); END LOOP;
END $$;
ALTER TABLE shop.by_hand OWNER TO alice;
-- innocent: halves that two teams own
CREATE SCHEMA teams;
CREATE TABLE teams.a (id int PRIMARY KEY);
CREATE TABLE teams.b (id int PRIMARY KEY);
CREATE TABLE teams.c (id int PRIMARY KEY);
CREATE TABLE teams.d (id int PRIMARY KEY);
CREATE TABLE teams.e (id int PRIMARY KEY);
ALTER TABLE teams.a OWNER TO app;
ALTER TABLE teams.b OWNER TO app;
-- innocent: one owner
CREATE SCHEMA sound;
CREATE TABLE sound.a (id int PRIMARY KEY);
CREATE TABLE sound.b (id int PRIMARY KEY);
CREATE TABLE sound.c (id int PRIMARY KEY);
CREATE TABLE sound.d (id int PRIMARY KEY);
CREATE TABLE sound.e (id int PRIMARY KEY);
