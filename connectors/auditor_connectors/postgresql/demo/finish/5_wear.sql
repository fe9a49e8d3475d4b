-- What the last months did to the tables after they were filled and analysed.

-- The inventory of October, one warehouse after the other, and the days since.
DO $$
BEGIN
  FOR warehouse IN 1..5 LOOP
    UPDATE fulfilment.stock_levels
    SET quantity = greatest(0, quantity - 1),
      counted_at = timestamptz '2026-10-01 20:00+00' + warehouse * interval '1 day'
    WHERE warehouse_id = warehouse;
  END LOOP;
  FOR day IN 1..7 LOOP
    UPDATE fulfilment.stock_levels
    SET quantity = quantity + day, updated_at = timestamptz '2026-11-12 06:00+00' + day * interval '1 day'
    WHERE (product_id + day) % 3 <> 0;
  END LOOP;
END $$;

-- The import of last spring.
INSERT INTO shop.newsletter_recipients (email, name, language, source, subscribed_at, confirmed, bounced)
SELECT 'reader' || n || '@example.com', 'Reader ' || n, 'de', 'import', timestamp '2026-04-02', n % 3 = 0,
  (n % 40 = 0)::int
FROM generate_series(1, 16000) n;

-- Retention of web statistics.
DELETE FROM shop.page_views WHERE viewed_at < timestamp '2026-10-05';
