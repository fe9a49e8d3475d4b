-- case: judged by sampled values
-- expect: column public.users.id medium certain
-- expect: column public.fixed.id medium certain
-- innocent: public.prefixed has keys with a prefix, public.codes short ones, public.typed the right type, and
-- innocent: public.profiles repeats the key of public.users
CREATE TABLE users (id text PRIMARY KEY, name text);
INSERT INTO users SELECT gen_random_uuid()::text, 'x' FROM generate_series(1, 2000);
CREATE TABLE profiles (user_id varchar(36) PRIMARY KEY REFERENCES users);
INSERT INTO profiles SELECT id FROM users LIMIT 500;
CREATE TABLE fixed (id char(36) PRIMARY KEY);
INSERT INTO fixed SELECT gen_random_uuid()::text FROM generate_series(1, 500);
CREATE TABLE prefixed (id varchar(40) PRIMARY KEY DEFAULT 'usr_' || gen_random_uuid());
INSERT INTO prefixed SELECT FROM generate_series(1, 500);
CREATE TABLE codes (code varchar(36) PRIMARY KEY);
INSERT INTO codes SELECT 'code number ' || i FROM generate_series(1, 500) AS i;
CREATE TABLE typed (id uuid PRIMARY KEY);
ANALYZE;

-- case: judged by declarations where nothing was sampled
-- expect: column public.defaulted.id medium likely
-- expect: column public.long_enough.id low possible
-- innocent: public.prefixed is text by design, public.named is too short and public.free says nothing,
-- innocent: and a migration tool's own table is as the tool makes it
CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64), migration_name varchar(255));
CREATE TABLE defaulted (id text PRIMARY KEY DEFAULT gen_random_uuid());
CREATE TABLE long_enough (id varchar(36) PRIMARY KEY);
CREATE TABLE prefixed (id text PRIMARY KEY DEFAULT 'usr_' || gen_random_uuid());
CREATE TABLE named (id varchar(20) PRIMARY KEY);
CREATE TABLE free (id text PRIMARY KEY);

-- case: values that may not be read
-- as: nobody
-- expect not-assessed
CREATE TABLE users (id text PRIMARY KEY);
