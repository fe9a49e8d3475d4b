-- case: keys that count what is gone
-- expect: index public.customers_email_key medium likely
-- expect: index public.flagged_code low possible
-- expect: index public.folded_email low possible
-- innocent: public.partial leaves out deleted rows, public.both holds the mark in its key, tokens and uuids are never
-- innocent: used again, (id, email) of public.wide holds the primary key, something refers to public.referred.code, and
-- innocent: public.hard deletes its rows
CREATE TABLE customers (id bigint PRIMARY KEY, email text UNIQUE, deleted_at timestamptz);
INSERT INTO customers SELECT i, 'c' || i, CASE WHEN i % 10 = 0 THEN now() END FROM generate_series(1, 1000) AS i;
ANALYZE customers;
CREATE TABLE flagged (id bigint PRIMARY KEY, code text, is_deleted boolean NOT NULL DEFAULT false);
CREATE UNIQUE INDEX flagged_code ON flagged (code);
CREATE TABLE folded (id bigint PRIMARY KEY, email text, deleted_at timestamptz);
CREATE UNIQUE INDEX folded_email ON folded (lower(email));
CREATE TABLE partial (id bigint PRIMARY KEY, email text, deleted_at timestamptz);
CREATE UNIQUE INDEX ON partial (email) WHERE deleted_at IS NULL;
CREATE TABLE "both" (id bigint PRIMARY KEY, email text, deleted_at timestamptz, UNIQUE (email, deleted_at));
CREATE TABLE tokens (id bigint PRIMARY KEY, reset_token text UNIQUE, public_id uuid UNIQUE, deleted_at timestamptz);
CREATE TABLE wide (id bigint PRIMARY KEY, email text, deleted_at timestamptz, UNIQUE (id, email));
CREATE TABLE invoices (id bigint PRIMARY KEY, invoice_number text UNIQUE, public_id text UNIQUE, deleted_at timestamptz);
CREATE TABLE referred (id bigint PRIMARY KEY, code text UNIQUE, deleted_at timestamptz);
CREATE TABLE refers (code text REFERENCES referred (code));
CREATE TABLE hard (id bigint PRIMARY KEY, email text UNIQUE);
CREATE INDEX ON customers (deleted_at);
