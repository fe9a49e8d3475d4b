-- case: by name, without values
-- as: nobody
-- expect: column app.users.password high possible
-- expect: column app.users.ssn high possible
-- expect: column app.users.apiKey medium possible
-- expect: column app.payments.card_number high possible
-- expect: column app.payments.cvv high possible
-- expect: column app.payments.credit_card_no high possible
-- expect: column app.accounts.iban medium possible
-- expect: column app.accounts.passport_number medium possible
-- expect: column app.accounts.social_security_number high possible
-- expect: column app.mail_settings.smtp_password high possible
-- expect: column app.oauth_clients.client_secret medium possible
-- expect: column app.oauth_clients.refresh_token medium possible
-- expect: column app.sessions.token medium possible
-- expect: column app.legacy.user_pwd_plain high possible
-- expect: column app.legacy.recovery_codes medium possible
-- innocent: everything in app.fine, each for the reason that its name, type, length, key or comment gives;
-- innocent: auth_user is Django's, members is Laravel's, both hash; loyalty cards are no payment cards
CREATE SCHEMA app;
CREATE DOMAIN app.secret_text AS text;
CREATE TABLE app.users (id bigint PRIMARY KEY, password varchar(255), ssn char(11), "apiKey" text);
CREATE TABLE app.payments (id bigint PRIMARY KEY, card_number varchar(19), cvv smallint, credit_card_no bigint);
CREATE TABLE app.accounts (
  id bigint PRIMARY KEY, iban varchar(34), passport_number text, social_security_number integer);
CREATE TABLE app.mail_settings (id bigint PRIMARY KEY, smtp_password app.secret_text);
CREATE TABLE app.oauth_clients (id bigint PRIMARY KEY, client_secret text, refresh_token text);
CREATE TABLE app.sessions (id bigint PRIMARY KEY, token varchar(100));
CREATE TABLE app.legacy (id bigint PRIMARY KEY, user_pwd_plain text, recovery_codes text[]);
CREATE TABLE app.santas (id bigint PRIMARY KEY, token text);
CREATE TABLE app.secrets (name text PRIMARY KEY);
CREATE TABLE app.fine (
  id bigint PRIMARY KEY,
  password_hash text, password_digest text, encrypted_password varchar(255), hashed_password text, password_enc text,
  password_salt text, password_hmac text, password_changed_at timestamptz, password_reset_required boolean,
  has_password boolean, password_policy text, password_hint text, bcrypt_password text, password_algorithm text,
  passwords_tried integer, token_count integer, secret_santa_id bigint, secret_name text, secret text, token text,
  card_number_last4 char(4), card_last_four text, masked_card_number text, card_number_hash bytea, card_type text,
  card_number_encrypted bytea, card_token text, card_number_masked text, card_expiry date, card_brand text,
  ssn_last4 char(4), last4_ssn char(4), ssn_encrypted bytea, ssn_hash text, ssn_verified boolean, ssn bytea,
  api_key_id bigint, api_key_prefix text, api_key_hash text, public_key text, access_token_expires_at timestamptz,
  access_token_digest text, iban_country char(2), cvv_result char(1), cvv_verified boolean,
  compass text, passenger_name text, pwd_reset_at timestamptz, tokenizer text, secretary text, keyword text);
CREATE TABLE app.more_fine (
  id bigint PRIMARY KEY, api_key bigint REFERENCES app.fine, password char(60), client_secret jsonb, access_token uuid,
  passphrase text, card_number integer);
COMMENT ON COLUMN app.more_fine.passphrase IS 'Argon2id hash, see AuthService';
CREATE TABLE app.auth_user (id bigint PRIMARY KEY, password varchar(128), last_login timestamptz);
CREATE TABLE app.members (id bigint PRIMARY KEY, password varchar(255), remember_token varchar(100));
CREATE TABLE app.loyalty_cards (id bigint PRIMARY KEY, card_number text);
CREATE TABLE app.customers (id bigint PRIMARY KEY, gift_card_number text, library_card_number text);

-- case: values speak for or against it
-- expect: column public.plain.password high likely
-- expect: column public.plain.card_number high likely
-- expect: column public.never_filled.password high possible
-- innocent: hashed holds bcrypt's 60 characters, sealed ciphertext, masked always the same
CREATE TABLE plain AS SELECT n AS id, 'geheim' || n AS password, '40000000000' || n AS card_number
  FROM generate_series(10000, 10500) n;
CREATE TABLE never_filled AS SELECT n AS id, NULL::text AS password FROM generate_series(1, 500) n;
CREATE TABLE hashed AS SELECT n AS id, left('$2b$12$' || md5(n::text) || md5((-n)::text), 60) AS password
  FROM generate_series(1, 500) n;
CREATE TABLE sealed AS SELECT n AS id, encode(sha256(n::text::bytea), 'base64') AS card_number
  FROM generate_series(1, 500) n;
CREATE TABLE masked AS SELECT n AS id, '********' AS password FROM generate_series(1, 500) n;
ANALYZE;

-- case: values that may not be looked at
-- as: pg_monitor
-- expect: column public.hashed.password high possible
-- innocent: nothing can be said of the values, so the name alone is only possible
CREATE TABLE hashed AS SELECT n AS id, left('$2b$12$' || md5(n::text) || md5((-n)::text), 60) AS password
  FROM generate_series(1, 500) n;
ANALYZE;

-- case: partitions count once
-- expect: column public.logins.password high
-- innocent: the partitions have the column of their parent
CREATE TABLE logins (id bigint, day date, password text) PARTITION BY RANGE (day);
CREATE TABLE logins_1 PARTITION OF logins FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE logins_2 PARTITION OF logins FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
