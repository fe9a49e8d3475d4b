-- case: files in rows
-- limits: total_bytes=1000000 total_width=2000
-- expect: column public.document.content low
-- innocent: hashes are small, and one table holds few bytes in all
CREATE TABLE document (id int PRIMARY KEY, content bytea, sha bytea);
ALTER TABLE document ALTER content SET STORAGE EXTERNAL;
INSERT INTO document SELECT g, decode(repeat('ab', 20000), 'hex'), decode(repeat('cd', 16), 'hex') FROM generate_series(1, 100) g;
CREATE TABLE thumbnail (id int PRIMARY KEY, image bytea);
ALTER TABLE thumbnail ALTER image SET STORAGE EXTERNAL;
INSERT INTO thumbnail SELECT g, decode(repeat('ab', 3000), 'hex') FROM generate_series(1, 100) g;
CREATE TABLE secret (id int PRIMARY KEY, key bytea);
INSERT INTO secret SELECT g, decode(repeat('ab', 32), 'hex') FROM generate_series(1, 100) g;
ANALYZE;

-- case: larger than a page each
-- expect: column public.scan.image low likely
-- innocent: a few, and many small ones
CREATE TABLE scan (id int PRIMARY KEY, image bytea);
ALTER TABLE scan ALTER image SET STORAGE EXTERNAL;
INSERT INTO scan SELECT g, decode(repeat('ab', 20000), 'hex') FROM generate_series(1, 600) g;
CREATE TABLE logo (id int PRIMARY KEY, image bytea);
ALTER TABLE logo ALTER image SET STORAGE EXTERNAL;
INSERT INTO logo SELECT g, decode(repeat('ab', 20000), 'hex') FROM generate_series(1, 20) g;
CREATE TABLE avatar (id int PRIMARY KEY, image bytea);
ALTER TABLE avatar ALTER image SET STORAGE EXTERNAL;
INSERT INTO avatar SELECT g, decode(repeat('ab', 3000), 'hex') FROM generate_series(1, 4000) g;
ANALYZE;
