-- Customers and what hangs on them. The customers table is the oldest one and has grown with every campaign.

CREATE TABLE shop.customers (
  id serial PRIMARY KEY,
  email varchar(255) NOT NULL,
  password varchar(100),
  password_hint varchar(100),
  salutation char(4),
  first_name varchar(80),
  last_name varchar(80),
  company varchar(120),
  vat_number varchar(20),
  date_of_birth date,
  gender char(1),
  ssn varchar(11),
  phone1 varchar(30),
  phone2 varchar(30),
  phone3 varchar(30),
  fax varchar(30),
  -- home
  street varchar(120),
  street_extra varchar(120),
  zip varchar(12),
  city varchar(80),
  region varchar(80),
  country char(2),
  -- billing, when it differs
  billing_name varchar(120),
  billing_street varchar(120),
  billing_zip varchar(12),
  billing_city varchar(80),
  billing_country char(2),
  -- shipping, when it differs
  shipping_name varchar(120),
  shipping_street varchar(120),
  shipping_zip varchar(12),
  shipping_city varchar(80),
  shipping_country char(2),
  shipping_notes text,
  -- payment
  card_number varchar(19),
  card_holder varchar(120),
  card_expiry varchar(7),
  iban varchar(34),
  payment_terms integer DEFAULT 0,
  credit_limit numeric(10, 2),
  -- marketing
  newsletter boolean DEFAULT false,
  newsletter_frequency varchar(10),
  sms_opt_in boolean DEFAULT false,
  push_opt_in boolean DEFAULT false,
  utm_source varchar(60),
  utm_medium varchar(60),
  utm_campaign varchar(60),
  referral_code varchar(16),
  referred_by integer,
  tags text,
  segment varchar(20),
  -- loyalty programme (2021)
  loyalty_tier varchar(10),
  loyalty_points integer DEFAULT 0,
  loyalty_since date,
  -- preferences
  language varchar(5),
  currency char(3),
  time_zone varchar(40),
  favourite_category_id integer,
  -- logins
  facebook_id varchar(40),
  google_id varchar(40),
  api_token varchar(64),
  last_login_at timestamp,
  last_login_ip varchar(45),
  login_count integer DEFAULT 0,
  failed_logins integer DEFAULT 0,
  -- totals, kept by a nightly job
  order_count integer DEFAULT 0,
  total_spent numeric(12, 2) DEFAULT 0,
  average_order numeric(12, 2),
  last_order_at timestamp,
  -- state
  is_active boolean DEFAULT true,
  is_vip boolean DEFAULT false,
  blocked_reason text,
  notes text,
  created_at timestamp NOT NULL DEFAULT now(),
  updated_at timestamp,
  deleted_at timestamp
);

CREATE TABLE shop.addresses (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('home', 'work', 'billing', 'parcel-station')),
  recipient text NOT NULL,
  street text NOT NULL,
  postal_code text NOT NULL,
  city text NOT NULL,
  country char(2) NOT NULL,
  verified boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shop.gift_cards (
  id serial PRIMARY KEY,
  code varchar(20) NOT NULL UNIQUE,
  customer_id integer,
  initial_value money NOT NULL,
  balance money NOT NULL,
  expires_on date,
  created_at timestamp NOT NULL DEFAULT now()
);

CREATE TABLE shop.newsletter_recipients (
  email varchar(255) NOT NULL,
  name varchar(120),
  language varchar(5),
  source varchar(40),
  subscribed_at timestamp,
  confirmed boolean DEFAULT false,
  bounced integer DEFAULT 0
) WITH (autovacuum_enabled = false);

CREATE TABLE shop.support_tickets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id integer NOT NULL,
  order_id bigint,
  assigned_to integer,
  subject text NOT NULL,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'waiting', 'solved', 'closed')),
  priority smallint NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5),
  opened_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz,
  CHECK (closed_at >= opened_at)
);
