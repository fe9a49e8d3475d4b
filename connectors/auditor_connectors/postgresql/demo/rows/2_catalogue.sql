-- 3,000 products with pictures, attributes, prices and what people say of them.

SELECT setseed(0.02);

INSERT INTO shop.categories (name, slug, position)
SELECT name, lower(name), row_number() OVER ()
FROM unnest('{Kitchen,Garden,Bedroom,Bathroom,Office,Outdoor,Kids,Lighting,Storage,Textiles}'::text[]) name;

INSERT INTO shop.categories (parent_id, name, slug, position)
SELECT parent.id, parent.name || ' ' || kind, parent.slug || '-' || kind, row_number() OVER (PARTITION BY parent.id)
FROM shop.categories parent, unnest('{basics,design,sale,natural,accessories}'::text[]) kind
ORDER BY parent.id, kind;

INSERT INTO shop.brands (name, country)
SELECT family || ' ' || kind, pg_temp.country()
FROM unnest('{Keller,Lindqvist,Moreau,Olsen,Rossi,Visser,Wagner,Dahl,Egger,Graf,Huber,Jansen,Novak,Peeters,Thomsen,
    Vogel}'::text[]) family,
  unnest('{& Co,Works,Living,Studio,Brothers}'::text[]) kind
ORDER BY md5(family || kind);

INSERT INTO shop.products (sku, legacy_sku, name, slug, description, brand_id, category_id, price,
  purchase_price, tax_class, weight_grams, tags, view_count, is_active, created_at, updated_at, deleted_at)
SELECT 'NK' || lpad(n::text, 6, '0'), CASE WHEN n < 900 THEN 'ERP-' || (70000 + n) END, name,
  'p' || n || '-' || replace(lower(name), ' ', '-'), name || '. ' || pg_temp.sentence() || ' ' || pg_temp.sentence(),
  pg_temp.skewed(70, 1.5), 10 + pg_temp.skewed(50, 1.3), cost + 10, cost,
  CASE WHEN random() < 0.05 THEN 'reduced' ELSE 'standard' END, (50 + random() * 8000)::int,
  -- the comparison with n makes the choice anew for each product
  array_to_string(ARRAY(SELECT tag FROM unnest('{new,sale,natural,handmade,vegan,oak,cotton,steel,outdoor}'::text[]) tag
    WHERE random() < 0.35 AND n > 0) || 'gift'::text, ','),
  (random() * 20000)::int, random() < 0.93, created,
  least(created + random() * interval '200 days', timestamp '2026-11-20'),
  CASE WHEN random() < 0.1 AND n < 1800 THEN created + interval '500 days' END
FROM (
  SELECT n, pg_temp.pick('{Oak,Linen,Steel,Cotton,Cork,Glass,Wool,Copper,Birch,Ceramic}') || ' '
      || pg_temp.pick('{chair,lamp,bowl,blanket,shelf,basket,mug,table,cushion,rug,board,hook,vase,tray}') || ' '
      || pg_temp.pick('{Nord,Sund,Fjell,Elbe,Lys,Ask,Vik,Havn}') AS name,
    round((4 + 180 * power(random(), 3))::numeric, 2) AS cost, pg_temp.moment(n / 3200.0)::timestamp AS created
  FROM generate_series(1, 3000) n
) item
ORDER BY n;

UPDATE shop.products SET search_text = lower(name || ' ' || tags);

INSERT INTO shop.product_images (product_id, position, path, alt_text, width, height, uploaded_at)
SELECT id, number, 'products/' || id || '/' || number || '.webp', name, 1600, 1200, created_at + interval '1 hour'
FROM shop.products, generate_series(1, 3) number
WHERE number = 1 OR (id + number) % 3 <> 0
ORDER BY id, number;

INSERT INTO shop.product_attributes (product_id, attribute_name, attribute_value)
SELECT product, name, CASE name
    WHEN 'width_cm' THEN (5 + random() * 195)::int::text
    WHEN 'height_cm' THEN (5 + random() * 195)::int::text
    WHEN 'colour' THEN pg_temp.pick('{white,black,grey,oak,green,blue,terracotta}')
    WHEN 'material' THEN pg_temp.pick('{oak,linen,steel,cotton,cork,glass,wool}')
    WHEN 'washable' THEN pg_temp.pick('{yes,no}')
    ELSE pg_temp.pick('{Portugal,Germany,India,Poland}') END
FROM generate_series(1, 3000) product, unnest('{width_cm,height_cm,colour,material,washable,origin}'::text[]) name
ORDER BY product;

INSERT INTO shop.price_list (product_id, currency, price, special_price, valid_from, valid_to)
SELECT id, currency, round((price * rate)::numeric, 2),
  CASE WHEN id % 12 = 0 THEN round((price * rate * 0.8)::numeric, 2) END,
  timestamp '2021-01-01' + year * interval '1 year', timestamp '2021-12-31 23:59:59' + year * interval '1 year'
FROM shop.products, (VALUES ('CHF', 1.05), ('DKK', 7.46)) rates(currency, rate), generate_series(4, 5) year
ORDER BY id;
