-- Reference data and staff.

SELECT setseed(0.01);

INSERT INTO public.alembic_version VALUES ('7c1f0e93a2d4');

INSERT INTO shop.currencies (code, name) VALUES
  ('EUR', 'Euro'), ('CHF', 'Swiss franc'), ('DKK', 'Danish krone'), ('SEK', 'Swedish krona'), ('GBP', 'Pound');

INSERT INTO shop.countries VALUES
  ('DE', 'Germany', 'EUR', 19), ('AT', 'Austria', 'EUR', 20), ('CH', 'Switzerland', 'CHF', 8.1),
  ('NL', 'Netherlands', 'EUR', 21), ('BE', 'Belgium', 'EUR', 21), ('FR', 'France', 'EUR', 20),
  ('IT', 'Italy', 'EUR', 22), ('ES', 'Spain', 'EUR', 21), ('PT', 'Portugal', 'EUR', 23),
  ('DK', 'Denmark', 'DKK', 25), ('SE', 'Sweden', 'SEK', 25), ('GB', 'United Kingdom', 'GBP', 20);

INSERT INTO shop.settings (key, value, updated_at)
SELECT key, value, timestamptz '2025-03-03 09:00+00'
FROM (VALUES
  ('shop.name', 'Nordkante'), ('shop.currency', 'EUR'), ('checkout.guest', 'true'),
  ('checkout.reserve_minutes', '30'),
  ('mail.sender', 'shop@example.com'), ('search.minimum_length', '3'), ('returns.days', '30'),
  ('loyalty.points_per_euro', '1')) setting(key, value);

INSERT INTO shop.staff_users (username, email, password, full_name, department, is_admin, api_token, last_login,
  created_at)
SELECT 'staff' || n, 'staff' || n || '@example.com', 'example-password-' || n,
  pg_temp.first_name() || ' ' || pg_temp.last_name(),
  pg_temp.pick('{support,support,warehouse,marketing,purchasing,accounting,it}'), (n % 9 = 0)::int,
  CASE WHEN n % 3 = 0 THEN 'demo-token-staff-' || n END, timestamp '2026-11-20 07:00' - random() * interval '30 days',
  timestamp '2020-11-16' + n * interval '40 days'
FROM generate_series(1, 46) n;

INSERT INTO shop.counters (name, value, updated_at)
SELECT name, 1000, timestamptz '2026-11-20 00:00+00'
FROM unnest('{orders_today,visitors_today,revenue_today,carts_open,newsletter_sent,searches_today,logins_today,
  emails_today}'::text[]) name;
