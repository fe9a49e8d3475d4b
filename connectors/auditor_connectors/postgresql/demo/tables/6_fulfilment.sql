-- The warehouse service, built in 2023 by a team of its own.

CREATE TABLE fulfilment.warehouses (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z]{3}[0-9]$'),
  name text NOT NULL,
  country char(2) NOT NULL REFERENCES shop.countries
);

CREATE TABLE fulfilment.carriers (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  tracking_url text NOT NULL,
  active boolean NOT NULL DEFAULT true
);

CREATE TABLE fulfilment.stock_levels (
  warehouse_id integer NOT NULL,
  product_id integer NOT NULL,
  quantity integer NOT NULL DEFAULT 0,
  reserved integer NOT NULL DEFAULT 0,
  reorder_point integer NOT NULL DEFAULT 5,
  bin_location text,
  counted_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (warehouse_id, product_id)
) WITH (autovacuum_enabled = false);

CREATE TABLE fulfilment.stock_movements (
  id bigint GENERATED ALWAYS AS IDENTITY,
  warehouse_id integer NOT NULL,
  product_id integer NOT NULL,
  quantity integer NOT NULL CHECK (quantity <> 0),
  reason text NOT NULL CHECK (reason IN ('purchase', 'sale', 'return', 'transfer', 'correction')),
  reference text,
  moved_at timestamptz NOT NULL,
  PRIMARY KEY (id, moved_at)
) PARTITION BY RANGE (moved_at);

DO $$
DECLARE
  first date;
BEGIN
  FOR first IN SELECT generate_series(date '2023-01-01', date '2026-04-01', interval '3 months')::date LOOP
    EXECUTE format(
      'CREATE TABLE fulfilment.%I PARTITION OF fulfilment.stock_movements FOR VALUES FROM (%L) TO (%L)',
      'stock_movements_' || to_char(first, 'YYYY"q"Q'), first, (first + interval '3 months')::date);
  END LOOP;
END $$;

CREATE TABLE fulfilment.stock_movements_default PARTITION OF fulfilment.stock_movements DEFAULT;

CREATE TABLE fulfilment.shipments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL,
  warehouse_id integer NOT NULL,
  carrier_id integer NOT NULL,
  tracking_number text NOT NULL,
  status text NOT NULL CHECK (status IN ('packed', 'in-transit', 'delivered', 'lost', 'returned')),
  weight_kg numeric(7, 3) NOT NULL CHECK (weight_kg > 0),
  shipped_at timestamptz NOT NULL,
  delivered_at timestamptz,
  CHECK (delivered_at >= shipped_at)
);

CREATE TABLE fulfilment.shipment_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shipment_id bigint NOT NULL,
  code text NOT NULL,
  place text NOT NULL,
  happened_at timestamptz NOT NULL
);

CREATE TABLE fulfilment.returns (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shipment_id bigint NOT NULL,
  reason text NOT NULL CHECK (reason IN ('damaged', 'wrong-item', 'not-as-described', 'changed-mind')),
  restocked boolean NOT NULL DEFAULT false,
  received_at timestamptz NOT NULL
);
