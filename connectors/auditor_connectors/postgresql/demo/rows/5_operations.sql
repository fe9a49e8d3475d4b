-- Six years of audit trail, a quarter of web statistics, and today's jobs.

SELECT setseed(0.05);

INSERT INTO shop.audit_log (occurred_at, actor, action, entity_type, entity_id, ip, payload)
SELECT at, pg_temp.pick('{storefront,storefront,storefront,checkout,support,warehouse,cron}'), action, kind,
  pg_temp.skewed(CASE kind WHEN 'product' THEN 3000 ELSE 20000 END, 1), pg_temp.address()::inet,
  jsonb_build_object('request', md5('audit' || n), 'agent', pg_temp.agent(), 'ms', (random() * 900)::int,
    'before', jsonb_build_object('status', pg_temp.pick('{pending,paid,active}')),
    'after', jsonb_build_object('status', pg_temp.pick('{paid,shipped,blocked}')))
FROM (
  SELECT n, pg_temp.moment(n / 140000.0) AS at, pg_temp.pick('{customer,customer,order,order,product}') AS kind,
    pg_temp.pick('{login,login,login,order.create,order.update,order.update,customer.update,product.update}') AS action
  FROM generate_series(1, 140000) n
) event
ORDER BY n;

SELECT setval('shop.page_views_id_seq', 1997043117);

INSERT INTO shop.page_views (visitor_id, customer_id, product_id, url, referrer, device, country, viewed_at)
SELECT pg_temp.fake_uuid(pg_temp.skewed(14000, 1.4), 'visitor'),
  CASE WHEN random() < 0.3 THEN pg_temp.skewed(20000, 1) END, product,
  'https://shop.example.com/p/' || product || '?utm_source=' || pg_temp.pick('{google,instagram,newsletter,direct}'),
  CASE WHEN random() < 0.6 THEN 'https://www.example.com/search?q=' || pg_temp.pick('{lamp,chair,blanket,bowl}') END,
  pg_temp.pick('{phone,phone,desktop,tablet}'), pg_temp.country(), timestamp '2026-08-20' + n * interval '88 seconds'
FROM (SELECT n, pg_temp.skewed(3000, 2) AS product FROM generate_series(1, 90000) n) view
ORDER BY n;

INSERT INTO shop.job_queue (queue, payload, state, attempts, run_at, finished_at)
SELECT queue, jsonb_build_object('order', 27000 + n),
  CASE WHEN n > 2800 THEN 'ready' WHEN n % 90 = 0 THEN 'failed' ELSE 'done' END,
  CASE WHEN n > 2800 THEN 0 WHEN n % 90 = 0 THEN 5 ELSE 1 END, due,
  CASE WHEN n <= 2800 THEN due + interval '3 seconds' END
FROM (SELECT n, pg_temp.pick('{mail,mail,mail,invoice,export,search}') AS queue,
    timestamptz '2026-11-18 00:00+00' + n * interval '1 minute' AS due FROM generate_series(1, 3000) n) job
ORDER BY n;
