-- Schemas, and the small tables that everything else refers to.

CREATE SCHEMA shop;
CREATE SCHEMA fulfilment;
CREATE SCHEMA legacy;

COMMENT ON SCHEMA legacy IS 'Copied from the old ERP at the cut-over in March 2022';

CREATE TABLE public.alembic_version (
  version_num varchar(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY
);

CREATE TABLE shop.currencies (
  code char(3) PRIMARY KEY,
  name text NOT NULL,
  minor_units smallint NOT NULL DEFAULT 2 CHECK (minor_units BETWEEN 0 AND 4)
);

CREATE TABLE shop.countries (
  code char(2) PRIMARY KEY,
  name text NOT NULL UNIQUE,
  currency char(3) NOT NULL REFERENCES shop.currencies,
  standard_tax numeric(4, 2) NOT NULL CHECK (standard_tax >= 0)
);

CREATE TABLE shop.settings (
  key text PRIMARY KEY,
  value text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shop.staff_users (
  id serial PRIMARY KEY,
  username varchar(50) NOT NULL UNIQUE,
  email varchar(255) NOT NULL,
  password varchar(100) NOT NULL,
  full_name varchar(120),
  department varchar(40),
  is_admin integer NOT NULL DEFAULT 0,
  api_token varchar(64),
  last_login timestamp,
  created_at timestamp NOT NULL DEFAULT now()
);
