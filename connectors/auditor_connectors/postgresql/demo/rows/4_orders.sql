-- 30,000 orders with all that follows from them.

SELECT setseed(0.04);

INSERT INTO shop.coupons (code, kind, value, minimum_order, valid_from, valid_until, max_uses)
SELECT 'SAVE' || lpad(n::text, 4, '0'), pg_temp.pick('{percent,percent,fixed}'),
  pg_temp.pick('{5,10,15,20}')::numeric, 40,
  timestamp '2021-01-01' + n * interval '7 days', timestamp '2021-02-01' + n * interval '7 days', 500
FROM generate_series(1, 300) n ORDER BY n;

-- One customer in six never ordered; number 1 is a marketplace that orders for others.
INSERT INTO shop.orders (order_number, public_id, customer_id, status, channel, currency, subtotal,
  shipping_cost, discount, tax, total, coupon_id, shipping_address, billing_address, customer_note, ip_address,
  user_agent, placed_at, paid_at, shipped_at, cancelled_at, updated_at, deleted_at)
SELECT 'S-' || to_char(placed, 'YYYY') || '-' || lpad(n::text, 7, '0'), pg_temp.fake_uuid(n, 'order'), customer,
  status, CASE WHEN customer = 1 THEN 'marketplace' ELSE pg_temp.pick('{web,web,web,app,app,phone}') END, 'EUR', net,
  4.90, CASE WHEN n % 6 = 0 THEN 5 ELSE 0 END, round(net * 0.19, 2),
  round(net * 1.19, 2) + 4.90 - CASE WHEN n % 6 = 0 THEN 5 ELSE 0 END,
  CASE WHEN n % 6 = 0 THEN pg_temp.skewed(300, 1) END, pg_temp.street() || E'\n' || pg_temp.city(),
  CASE WHEN n % 14 = 0 THEN pg_temp.street() || E'\n' || pg_temp.city() END,
  CASE WHEN n % 20 = 0 THEN 'Please leave it with the neighbours.' END, pg_temp.address(), pg_temp.agent(), placed,
  CASE WHEN status NOT IN ('pending', 'cancelled') THEN placed + random() * interval '2 hours' END,
  CASE WHEN status IN ('shipped', 'delivered', 'returned')
    THEN least(placed + interval '6 hours' + random() * interval '2 days', timestamp '2026-11-20') END,
  CASE WHEN status = 'cancelled' THEN placed + interval '1 hour' END,
  least(placed + interval '3 days', timestamp '2026-11-20'),
  CASE WHEN n % 35 = 0 AND n < 20000 THEN placed + interval '400 days' END
FROM (
  SELECT n,
    CASE WHEN random() < 0.08 THEN 1 ELSE pg_temp.skewed(greatest(100, (n / 1.5)::int), 1.2) END AS customer,
    round((12 + 240 * power(random(), 2))::numeric, 2) AS net, pg_temp.moment(n / 30000.0)::timestamp AS placed,
    CASE WHEN n > 29700 THEN pg_temp.pick('{pending,paid,packed,shipped}')
      WHEN random() < 0.05 THEN 'cancelled' WHEN random() < 0.04 THEN 'returned' ELSE 'delivered' END AS status
  FROM generate_series(1, 30000) n
) sale
ORDER BY n;

UPDATE shop.orders SET shipping_address_id = address.id,
  shipping_address_new =
    jsonb_build_object('street', address.street, 'city', address.city, 'country', address.country)
FROM shop.addresses address
WHERE address.customer_id = orders.customer_id AND orders.id > 18000;

CREATE TABLE shop.orders_old AS
SELECT id::integer AS id, order_number, customer_id, status, total::double precision AS total, placed_at
FROM shop.orders WHERE id <= 9000 ORDER BY id;

INSERT INTO shop.order_items (order_id, product_id, sku, name, quantity, unit_price, discount_percent,
  created_at)
SELECT line.order_id, line.product_id, product.sku, product.name, line.quantity, product.price, line.discount,
  line.placed_at
FROM (
  SELECT id AS order_id, placed_at, number, pg_temp.skewed(3000, 1.8) AS product_id, pg_temp.skewed(4, 3) AS quantity,
    CASE WHEN random() < 0.1 THEN 10 ELSE 0 END AS discount
  FROM (SELECT id, placed_at, number FROM shop.orders, generate_series(1, 4) number
    WHERE number <= 1 + (id * 7919 % 4) ORDER BY id, number) position
) line JOIN shop.products product ON product.id = line.product_id
ORDER BY line.order_id, line.number;

INSERT INTO shop.order_status_history (order_id, status, changed_by, changed_at)
SELECT id, step.status, step.by, step.at
FROM shop.orders, LATERAL (VALUES
  ('pending', 'storefront', placed_at), ('paid', 'payments', paid_at), ('shipped', 'fulfilment', shipped_at),
  ('cancelled', 'support', cancelled_at)) step(status, by, at)
WHERE step.at IS NOT NULL AND id > 12000
ORDER BY id, step.at;

INSERT INTO shop.payments (order_id, provider, provider_reference, method, amount, currency, status,
  card_number, card_holder, card_expiry, raw_response, created_at)
SELECT sale.id, provider, 'ref-' || substr(md5('pay' || sale.id), 1, 16), method, sale.total, sale.currency,
  'captured',
  CASE method WHEN 'card' THEN '4111111111111111' END, CASE method WHEN 'card' THEN 'Example Holder' END,
  CASE method WHEN 'card' THEN '12/99' END,
  json_build_object('reference', md5('pay' || sale.id), 'result', 'approved', 'risk', sale.id * 7919 % 100,
    'provider', provider),
  sale.paid_at
FROM (
  SELECT *, pg_temp.pick('{card,card,card,paypal,invoice,transfer}') AS method,
    pg_temp.pick('{acme-pay,acme-pay,other-pay}') AS provider
  FROM (SELECT id, total, currency, paid_at FROM shop.orders WHERE paid_at IS NOT NULL ORDER BY id) paid
) sale
ORDER BY sale.id;

INSERT INTO shop.refunds (payment_id, amount, reason, approved_by, created_at)
SELECT payment.id, round(payment.amount * 0.5, 2), pg_temp.pick('{damaged,late,returned,goodwill}'),
  pg_temp.skewed(46, 1),
  least(payment.created_at + interval '12 days', timestamp '2026-11-20')
FROM shop.payments payment WHERE payment.id % 23 = 0 ORDER BY payment.id;

INSERT INTO shop.invoices (order_id, number, issued_on, due_on, net, tax, gross, status, sent_at)
SELECT id, 'R' || lpad(id::text, 8, '0'), placed_at::date, placed_at::date + 14, subtotal, tax, subtotal + tax,
  CASE WHEN status = 'cancelled' THEN 'cancelled' WHEN paid_at IS NULL THEN 'sent' ELSE 'paid' END,
  placed_at + interval '1 hour'
FROM shop.orders WHERE status <> 'pending' ORDER BY id;

INSERT INTO shop.coupon_redemptions (coupon_id, order_id, amount, redeemed_at)
SELECT coupon_id, id, discount, placed_at FROM shop.orders WHERE coupon_id IS NOT NULL ORDER BY id;

INSERT INTO shop.carts (id, customer_id, items, coupon_code, created_at, updated_at)
SELECT pg_temp.fake_uuid(n, 'cart'), CASE WHEN random() < 0.5 THEN pg_temp.skewed(20000, 1) END,
  jsonb_build_array(jsonb_build_object('product', pg_temp.skewed(3000, 2), 'quantity', pg_temp.skewed(3, 2))),
  CASE WHEN n % 15 = 0 THEN 'SAVE0' || (100 + n % 190) END, opened, opened + random() * interval '2 hours'
FROM (SELECT n, timestamptz '2026-10-20 00:00+00' + n * interval '8 minutes' AS opened
  FROM generate_series(1, 5000) n) cart
ORDER BY n;

INSERT INTO shop.support_tickets (customer_id, order_id, assigned_to, subject, status, priority, opened_at,
  closed_at)
SELECT customer_id, id, pg_temp.skewed(46, 1),
  pg_temp.pick('{Where is my parcel,Wrong item,Broken on arrival,Invoice please,Change of address}'),
  CASE WHEN id > 29500 THEN 'open' ELSE 'closed' END, pg_temp.skewed(5, 1), placed_at + interval '4 days',
  CASE WHEN id <= 29500 THEN placed_at + interval '5 days' END
FROM shop.orders WHERE id % 12 = 0 ORDER BY id;
