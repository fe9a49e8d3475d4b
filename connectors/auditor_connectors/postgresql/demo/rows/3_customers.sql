-- 20,000 customers. No person, address, card or number in here exists.

SELECT setseed(0.03);

INSERT INTO shop.customers (email, password, password_hint, salutation, first_name, last_name, company,
  vat_number, date_of_birth, gender, ssn, phone1, phone2, phone3, street, zip, city, country, billing_name,
  billing_street, billing_zip, billing_city, billing_country, shipping_name, shipping_street, shipping_zip,
  shipping_city, shipping_country, card_number, card_holder, card_expiry, iban, payment_terms, credit_limit,
  newsletter, newsletter_frequency, sms_opt_in, utm_source, utm_medium, utm_campaign, referral_code,
  referred_by, tags, segment, loyalty_tier, loyalty_points, loyalty_since, language, currency, time_zone,
  favourite_category_id, google_id, api_token, last_login_at, last_login_ip, login_count, failed_logins,
  is_active, is_vip, notes, created_at, updated_at, deleted_at)
SELECT lower(first) || '.' || lower(last) || n || '@example.com', 'example-password-' || n,
  CASE WHEN n % 9 = 0 THEN 'the usual one' END, CASE WHEN n % 2 = 0 THEN 'Mr' ELSE 'Mrs' END, first, last,
  CASE WHEN business THEN last || ' ' || pg_temp.pick('{GmbH,AG,BV,SARL}') END,
  CASE WHEN business THEN 'XX' || lpad(n::text, 9, '0') END, date '1950-01-01' + (random() * 20000)::int,
  pg_temp.pick('{f,m,x}'), CASE WHEN n % 4 = 0 THEN '000-00-' || lpad((n % 10000)::text, 4, '0') END,
  '+49 40 5550' || lpad((n % 10000)::text, 4, '0'), CASE WHEN n % 3 = 0 THEN '+49 170 5550' || (n % 1000) END,
  CASE WHEN n % 11 = 0 THEN '+41 44 5550' || (n % 1000) END, street, zip, city, country,
  CASE WHEN business THEN last END, CASE WHEN business THEN street END, CASE WHEN business THEN zip END,
  CASE WHEN business THEN city END, CASE WHEN business THEN country END,
  CASE WHEN n % 5 = 0 THEN pg_temp.first_name() || ' ' || last END, CASE WHEN n % 5 = 0 THEN pg_temp.street() END,
  CASE WHEN n % 5 = 0 THEN zip END, CASE WHEN n % 5 = 0 THEN city END, CASE WHEN n % 5 = 0 THEN country END,
  CASE WHEN n % 3 = 0 THEN '4111111111111111' END, CASE WHEN n % 3 = 0 THEN first || ' ' || last END,
  CASE WHEN n % 3 = 0 THEN '12/2099' END, CASE WHEN n % 7 = 0 THEN 'XX00EXAMPLE' || lpad(n::text, 8, '0') END,
  CASE WHEN business THEN 30 ELSE 0 END, CASE WHEN business THEN 5000 END, n % 3 <> 1,
  CASE WHEN n % 3 <> 1 THEN pg_temp.pick('{weekly,weekly,monthly}') END, n % 17 = 0,
  pg_temp.pick('{google,google,instagram,newsletter,affiliate,direct}'), pg_temp.pick('{cpc,organic,social,email}'),
  pg_temp.pick('{spring,summer,autumn,winter,black-week}') || '-' || (2020 + (n % 7)),
  'REF' || lpad(n::text, 7, '0'), CASE WHEN n > 100 AND n % 13 = 0 THEN pg_temp.skewed(n - 1, 1.0) END,
  concat_ws(',', pg_temp.pick('{newsletter,app,web}'), pg_temp.pick('{returning,first-order,bulk}'),
    pg_temp.pick('{de,en,fr}')),
  pg_temp.pick('{occasional,occasional,regular,lapsed,business}'),
  pg_temp.pick('{none,none,none,bronze,silver,gold}'),
  (random() * 4000)::int, joined::date, pg_temp.pick('{de,de,de,en,fr,nl}'),
  CASE country WHEN 'CH' THEN 'CHF' ELSE 'EUR' END,
  'Europe/Berlin', 10 + pg_temp.skewed(50, 1.5), CASE WHEN n % 6 = 0 THEN 'example-' || n END,
  CASE WHEN n % 50 = 0 THEN 'demo-token-' || n END, joined + random() * (timestamp '2026-11-20' - joined),
  pg_temp.address(),
  pg_temp.skewed(200, 3), CASE WHEN n % 40 = 0 THEN 3 ELSE 0 END, n % 25 <> 0, n % 70 = 0,
  CASE WHEN n % 30 = 0 THEN pg_temp.sentence() END, joined,
  least(joined + random() * interval '300 days', timestamp '2026-11-20'),
  CASE WHEN n % 16 = 0 AND n < 16000 THEN timestamp '2026-06-01' + random() * interval '150 days' END
FROM (
  SELECT n, pg_temp.first_name() AS first, pg_temp.last_name() AS last, pg_temp.street() AS street,
    lpad((random() * 99999)::int::text, 5, '0') AS zip,
    split_part(place, '/', 1) AS city, split_part(place, '/', 2) AS country, n % 14 = 0 AS business,
    pg_temp.moment(n / 20000.0)::timestamp AS joined
  FROM (SELECT n, pg_temp.place() AS place FROM generate_series(1, 20000) n) spot
) person
ORDER BY n;

-- Some registered twice, from a phone that begins with a capital.
INSERT INTO shop.customers (email, password, first_name, last_name, country, newsletter, created_at)
SELECT initcap(email), password, first_name, last_name, country, false,
  least(created_at + interval '90 days', timestamp '2026-11-20')
FROM shop.customers WHERE id % 450 = 0 ORDER BY id;

INSERT INTO shop.addresses (customer_id, kind, recipient, street, postal_code, city, country, verified,
  created_at)
SELECT id, pg_temp.pick('{home,home,home,work,parcel-station}'), first_name || ' ' || last_name, street, zip, city,
  country, random() < 0.4, created_at + interval '1 day'
FROM shop.customers WHERE street IS NOT NULL ORDER BY id;

INSERT INTO shop.gift_cards (code, customer_id, initial_value, balance, expires_on, created_at)
SELECT 'GIFT-' || upper(substr(md5('gift' || n), 1, 10)), pg_temp.skewed(20000, 1), value,
  CASE WHEN random() < 0.6 THEN '0' ELSE value END, bought::date + 1095, bought
FROM (
  SELECT n, pg_temp.pick('{25,25,50,50,100,200}')::numeric::money AS value,
    pg_temp.moment(n / 1800.0)::timestamp AS bought
  FROM generate_series(1, 1800) n
) card
ORDER BY n;

INSERT INTO shop.newsletter_recipients (email, name, language, source, subscribed_at, confirmed)
SELECT email, first_name, language, 'shop', created_at, true FROM shop.customers WHERE newsletter AND id <= 3000
  ORDER BY id;

INSERT INTO shop.product_reviews (product_id, customer_id, rating, title, body, published, created_at)
SELECT pg_temp.skewed(3000, 2), pg_temp.skewed(20000, 1), 6 - pg_temp.skewed(5, 2), pg_temp.sentence(),
  pg_temp.sentence() || ' ' || pg_temp.sentence() || ' ' || pg_temp.sentence(), random() < 0.95,
  pg_temp.moment(0.02 + 0.98 * n / 10000.0)
FROM generate_series(1, 10000) n ORDER BY n;

INSERT INTO shop.comments (commentable_type, commentable_id, author_id, body, created_at)
SELECT kind, pg_temp.skewed(CASE kind WHEN 'Product' THEN 3000 ELSE 20000 END, 1.2), pg_temp.skewed(46, 1),
  pg_temp.sentence(), pg_temp.moment(0.05 + 0.95 * n / 9000.0)::timestamp
FROM (SELECT n, pg_temp.pick('{Product,Order,Order,Order,Customer,Ticket}') AS kind
  FROM generate_series(1, 9000) n) note
ORDER BY n;
