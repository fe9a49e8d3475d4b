-- case: files in rows
-- limits: total_bytes=1000000 width=2000
-- expect: column public.document.content low
-- innocent: hashes are small, and one table holds few bytes in all
CREATE TABLE document (id int PRIMARY KEY, content bytea, sha bytea);
ALTER TABLE document ALTER content SET STORAGE EXTERNAL;
INSERT INTO document SELECT g, decode(repeat('ab', 20000), 'hex'), decode(repeat('cd', 16), 'hex') FROM generate_series(1, 100) g;
CREATE TABLE secret (id int PRIMARY KEY, key bytea);
INSERT INTO secret SELECT g, decode(repeat('ab', 32), 'hex') FROM generate_series(1, 100) g;
ANALYZE;
