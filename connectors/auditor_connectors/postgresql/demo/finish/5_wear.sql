-- What the last months did to the tables after they were filled and analysed.

-- The half-year inventory, and the days since.
UPDATE fulfilment.stock_levels SET counted_at = timestamptz '2026-10-01 20:00+00',
  quantity = greatest(0, quantity - 1);
UPDATE fulfilment.stock_levels SET quantity = quantity + 20, updated_at = timestamptz '2026-11-18 06:00+00'
  WHERE product_id % 2 = 0;
UPDATE fulfilment.stock_levels SET reserved = reserved + 1, updated_at = timestamptz '2026-11-19 06:00+00'
  WHERE product_id % 3 = 0;

-- The import of last spring.
INSERT INTO shop.newsletter_recipients (email, name, language, source, subscribed_at, confirmed, bounced)
SELECT 'reader' || n || '@example.com', 'Reader ' || n, 'de', 'import', timestamp '2026-04-02', n % 3 = 0,
  (n % 40 = 0)::int
FROM generate_series(1, 16000) n;

-- Retention of web statistics.
DELETE FROM shop.page_views WHERE viewed_at < timestamp '2026-10-05';
