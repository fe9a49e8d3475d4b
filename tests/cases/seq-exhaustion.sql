-- case: sequences outside of integer keys
-- expect: sequence public.invoices critical
-- expect: sequence public.tickets_number_seq critical
-- expect: sequence public.texts high
-- expect: sequence public.downwards medium
-- innocent: public.serials_id_seq feeds a key, which is judged there; public.turning starts again by design,
-- innocent: public.wide has numbers for ages and public.unused none given
CREATE SEQUENCE invoices AS int;
SELECT setval('invoices', 2100000000);
CREATE TABLE tickets (id bigint PRIMARY KEY, number serial);
SELECT setval('tickets_number_seq', 2100000000);
CREATE SEQUENCE texts AS int;
CREATE TABLE labels (id text PRIMARY KEY DEFAULT 'L' || nextval('texts'));
SELECT setval('texts', 1600000000);
CREATE SEQUENCE downwards INCREMENT -1 MINVALUE -1000;
SELECT setval('downwards', -600);
CREATE TABLE serials (id serial PRIMARY KEY);
SELECT setval('serials_id_seq', 2100000000);
CREATE SEQUENCE turning AS int CYCLE;
SELECT setval('turning', 2100000000);
CREATE SEQUENCE wide;
SELECT setval('wide', 2100000000);
CREATE SEQUENCE unused AS smallint;

-- case: a position that may not be read is unknown
-- as: nobody
-- expect not-assessed
CREATE SEQUENCE invoices AS int;
