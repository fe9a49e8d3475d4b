-- Carts, orders, money.

CREATE UNLOGGED TABLE shop.carts (
  id varchar(36) PRIMARY KEY,
  customer_id integer,
  items jsonb NOT NULL DEFAULT '[]',
  coupon_code text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE SEQUENCE shop.coupon_numbers;

CREATE TABLE shop.coupons (
  id integer PRIMARY KEY DEFAULT nextval('shop.coupon_numbers'),
  code varchar(30) NOT NULL UNIQUE,
  kind varchar(10) NOT NULL DEFAULT 'percent',
  value numeric(10, 2) NOT NULL,
  minimum_order numeric(10, 2),
  valid_from timestamp,
  valid_until timestamp,
  max_uses integer,
  used_count integer NOT NULL DEFAULT 0
);

CREATE TABLE shop.orders (
  id serial PRIMARY KEY,
  order_number varchar(20) NOT NULL,
  public_id varchar(36) NOT NULL,
  customer_id integer NOT NULL,
  status varchar(20) NOT NULL DEFAULT 'pending',
  channel varchar(20),
  currency char(3) NOT NULL DEFAULT 'EUR',
  subtotal numeric(12, 2) NOT NULL,
  shipping_cost numeric(12, 2) NOT NULL DEFAULT 0,
  discount numeric(12, 2) NOT NULL DEFAULT 0,
  tax numeric(12, 2) NOT NULL DEFAULT 0,
  total numeric(12, 2) NOT NULL,
  coupon_id integer,
  shipping_address text,
  billing_address text,
  customer_note text,
  ip_address varchar(45),
  user_agent text,
  placed_at timestamp NOT NULL,
  paid_at timestamp,
  shipped_at timestamp,
  cancelled_at timestamp,
  updated_at timestamp,
  deleted_at timestamp
);

-- 2023: ids to 64 bits, and addresses out of the free text.
ALTER TABLE shop.orders ALTER COLUMN id TYPE bigint;
ALTER TABLE shop.orders ADD COLUMN shipping_address_id bigint;
ALTER TABLE shop.orders ADD COLUMN shipping_address_new jsonb;

CREATE TABLE shop.order_items (
  id serial PRIMARY KEY,
  order_id integer NOT NULL,
  product_id integer,
  sku varchar(20) NOT NULL,
  name varchar(200) NOT NULL,
  quantity integer NOT NULL DEFAULT 1 CHECK (quantity > 0),
  unit_price numeric(10, 2) NOT NULL,
  discount_percent numeric(5, 2) NOT NULL DEFAULT 0,
  created_at timestamp NOT NULL DEFAULT now()
);

CREATE TABLE shop.order_status_history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL,
  status text NOT NULL,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shop.payments (
  id serial PRIMARY KEY,
  order_id integer NOT NULL,
  provider varchar(20) NOT NULL,
  provider_reference varchar(40) NOT NULL,
  method varchar(20) NOT NULL,
  amount numeric(12, 2) NOT NULL,
  currency char(3) NOT NULL DEFAULT 'EUR',
  status varchar(20) NOT NULL,
  card_number varchar(19),
  card_holder varchar(120),
  card_expiry char(5),
  raw_response json,
  created_at timestamp NOT NULL DEFAULT now()
);

CREATE TABLE shop.refunds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id integer NOT NULL,
  amount numeric(12, 2) NOT NULL CHECK (amount > 0),
  reason text NOT NULL,
  approved_by integer,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shop.invoices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL,
  number text NOT NULL,
  issued_on date NOT NULL,
  due_on date NOT NULL,
  net numeric(12, 2) NOT NULL,
  tax numeric(12, 2) NOT NULL CHECK (tax >= 0),
  gross numeric(12, 2) NOT NULL,
  status text NOT NULL CHECK (status IN ('draft', 'sent', 'paid', 'overdue', 'cancelled')),
  sent_at timestamptz,
  CHECK (due_on >= issued_on),
  CHECK (gross = net + tax)
);

CREATE TABLE shop.coupon_redemptions (
  coupon_id integer NOT NULL,
  order_id bigint NOT NULL,
  amount numeric(10, 2) NOT NULL CHECK (amount >= 0),
  redeemed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (coupon_id, order_id)
);
