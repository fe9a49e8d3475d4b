-- case: with and without a password
-- expect: foreign-server warehouse medium
-- innocent: archive is reached by certificate, unused has no mapping
CREATE EXTENSION postgres_fdw;
CREATE SERVER warehouse FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'warehouse.example.org');
CREATE USER MAPPING FOR CURRENT_USER SERVER warehouse OPTIONS (user 'reader', password 'of-a-test');
CREATE SERVER archive FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'archive.example.org');
CREATE USER MAPPING FOR CURRENT_USER SERVER archive OPTIONS (user 'reader', sslcert '/etc/ssl/reader.crt');
CREATE SERVER unused FOREIGN DATA WRAPPER postgres_fdw;

-- case: mappings of others are hidden
-- as: pg_monitor
-- innocent: whether the mapping holds a password is for superusers only
-- expect not-assessed
CREATE EXTENSION postgres_fdw;
CREATE SERVER archive FOREIGN DATA WRAPPER postgres_fdw;
CREATE USER MAPPING FOR CURRENT_USER SERVER archive OPTIONS (user 'reader');
