-- Warehouses, stock and parcels since 2023, and the two tables of the old ERP.

SELECT setseed(0.06);

INSERT INTO fulfilment.warehouses (code, name, country)
VALUES ('HAM1', 'Hamburg', 'DE'), ('LEJ1', 'Leipzig', 'DE'), ('ZRH1', 'Zurich', 'CH'), ('AMS1', 'Amsterdam', 'NL'),
  ('LYS1', 'Lyon', 'FR');

INSERT INTO fulfilment.carriers (name, tracking_url)
SELECT 'Parcel ' || name, 'https://parcel.example.com/' || lower(name) || '/'
FROM unnest('{North,Express,Bike,Rail,Pallet,Letter}'::text[]) name;

INSERT INTO fulfilment.stock_levels (warehouse_id, product_id, quantity, reserved, bin_location, counted_at,
  updated_at)
SELECT warehouse, product, pg_temp.skewed(120, 2), pg_temp.skewed(6, 2) - 1,
  'A' || product % 40 || '-' || product % 12,
  timestamptz '2026-06-30 20:00+00', timestamptz '2026-11-19 00:00+00' + random() * interval '1 day'
FROM generate_series(1, 5) warehouse, generate_series(1, 3000) product ORDER BY warehouse, product;

INSERT INTO fulfilment.stock_movements (warehouse_id, product_id, quantity, reason, reference, moved_at)
SELECT pg_temp.skewed(5, 1.5), pg_temp.skewed(3000, 1.8),
  CASE reason WHEN 'sale' THEN -1 WHEN 'purchase' THEN 40 ELSE 1 END, reason, 'ref-' || n,
  timestamptz '2023-01-02 06:00+00' + power(n / 32000.0, 0.7) * interval '1417 days'
FROM (
  SELECT n, pg_temp.pick('{sale,sale,sale,sale,sale,purchase,return,transfer,correction}') AS reason
  FROM generate_series(1, 32000) n
) movement
ORDER BY n;

INSERT INTO fulfilment.shipments (order_id, warehouse_id, carrier_id, tracking_number, status, weight_kg,
  shipped_at, delivered_at)
SELECT id, pg_temp.skewed(5, 1.5), pg_temp.skewed(6, 1.3), 'NK' || lpad(id::text, 10, '0'),
  CASE status WHEN 'shipped' THEN 'in-transit' WHEN 'returned' THEN 'returned' ELSE 'delivered' END,
  round((0.2 + 9 * random())::numeric, 3), shipped_at,
  CASE WHEN status <> 'shipped' THEN shipped_at + interval '1 day' + random() * interval '3 days' END
FROM (SELECT id, status, shipped_at FROM shop.orders WHERE shipped_at >= '2023-01-01' ORDER BY id) sale
ORDER BY id;

INSERT INTO fulfilment.shipment_events (shipment_id, code, place, happened_at)
SELECT id, code, pg_temp.city(), happened_at
FROM (
  SELECT id, step.code, shipped_at + step.hours * interval '1 hour' AS happened_at
  FROM fulfilment.shipments, (VALUES ('handed-over', 0), ('sorted', 9), ('delivered', 30)) step(code, hours)
  WHERE step.code <> 'delivered' OR delivered_at IS NOT NULL
  ORDER BY happened_at, id
) event;

INSERT INTO fulfilment.returns (shipment_id, reason, restocked, received_at)
SELECT id, pg_temp.pick('{damaged,wrong-item,not-as-described,changed-mind}'), random() < 0.7,
  least(delivered_at + interval '9 days', timestamptz '2026-11-20 00:00+00')
FROM fulfilment.shipments WHERE status = 'returned' ORDER BY id;

INSERT INTO legacy.customer_import
SELECT 'K' || lpad(n::text, 6, '0'), pg_temp.last_name(), pg_temp.first_name(), pg_temp.street(),
  lpad((random() * 99999)::int::text, 5, '0'), pg_temp.city(), 'DEU', '040/5550' || n % 1000,
  'kunde' || n || '@example.com', to_char(date '2009-01-01' + (random() * 4000)::int, 'DD.MM.YYYY'), random() * 4000,
  pg_temp.pick('{J,N,N,N,N}'), CASE WHEN n % 8 = 0 THEN 'NULL' ELSE '' END
FROM generate_series(1, 6000) n ORDER BY n;

INSERT INTO legacy.articles
SELECT 'ERP-' || (70000 + n), 'Artikel ' || n, round((3 + random() * 90)::numeric, 2),
  round((4 + random() * 110)::numeric, 2), (random() * 300)::int, 'L' || n % 40, (n % 5 = 0)::int,
  timestamp '2019-01-01' + n * interval '6 hours'
FROM generate_series(1, 3500) n ORDER BY n;
