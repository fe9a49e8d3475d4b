-- case: many columns
-- expect: table shop.places medium
-- expect: table shop.facts low
-- innocent: the key of shop.joined is made of the keys that it joins, shop.measured holds its partition key in it,
-- innocent: three columns are few
CREATE SCHEMA shop;
CREATE TABLE shop.places (country text, region text, city text, street text, PRIMARY KEY (country, region, city, street));
CREATE TABLE shop.visits (id bigint PRIMARY KEY, country text, region text, city text, street text,
  FOREIGN KEY (country, region, city, street) REFERENCES shop.places);
CREATE TABLE shop.facts (day date, shop int, item int, kind int, total int, PRIMARY KEY (day, shop, item, kind));
CREATE TABLE shop.a (id bigint PRIMARY KEY);
CREATE TABLE shop.joined (
  a bigint REFERENCES shop.a, b bigint REFERENCES shop.a, c bigint REFERENCES shop.a, d bigint REFERENCES shop.a,
  PRIMARY KEY (a, b, c, d));
CREATE TABLE shop.measured (sensor int, kind int, part int, at date, PRIMARY KEY (sensor, kind, part, at))
  PARTITION BY RANGE (at);
CREATE TABLE shop.three (a int, b int, c int, PRIMARY KEY (a, b, c));

-- case: wide values, as measured
-- expect: table public.pages low
-- innocent: short codes and uuids are narrow, and an empty table has no width
CREATE TABLE pages (url text PRIMARY KEY, title text);
INSERT INTO pages SELECT 'https://shop.example/'  || md5(i::text) || md5(i::text) || md5(i::text), 'x' FROM generate_series(1, 500) AS i;
CREATE TABLE codes (code text PRIMARY KEY);
INSERT INTO codes SELECT 'C' || i FROM generate_series(1, 500) AS i;
CREATE TABLE uuids (a uuid, b uuid, PRIMARY KEY (a, b));
CREATE TABLE nothing_yet (url text PRIMARY KEY);
ANALYZE;

-- case: widths are hidden from a role that may not read the table
-- as: nobody
-- expect not-assessed
CREATE TABLE pages (url text PRIMARY KEY);

-- case: widths are not known before the first ANALYZE
-- expect not-assessed
CREATE TABLE pages (url text PRIMARY KEY);
INSERT INTO pages VALUES ('a');
