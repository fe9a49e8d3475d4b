-- case: attributes of products
-- expect: table public.product_attributes medium
-- expect: table public.user_meta low
-- innocent: settings have no entity, translations have a language, a lookup has a code and a name, and key_value has no entity
CREATE TABLE product (id int PRIMARY KEY, name text);
INSERT INTO product SELECT g, 'p' || g FROM generate_series(1, 500) g;
CREATE TABLE product_attributes (
  id int PRIMARY KEY, product_id int NOT NULL REFERENCES product, attribute_name text NOT NULL, attribute_value text,
  UNIQUE (product_id, attribute_name));
INSERT INTO product_attributes SELECT g, g % 500 + 1, 'a' || g / 500, g::text FROM generate_series(0, 4999) g;
CREATE TABLE user_meta (umeta_id int PRIMARY KEY, user_id int, meta_key text, meta_value text);
CREATE TABLE price_group (
  id int PRIMARY KEY, charge_id int, display_name text, values jsonb, UNIQUE (charge_id, display_name));
CREATE TABLE settings (name text PRIMARY KEY, value text);
CREATE TABLE translations (product_id int, language char(2), name text, PRIMARY KEY (product_id, language));
CREATE TABLE color (id int PRIMARY KEY, code text, name text);
CREATE TABLE cache (key text PRIMARY KEY, value text, expires timestamptz);
CREATE TABLE measurement (id int PRIMARY KEY, device_id int, name text, value double precision, at timestamptz);
ANALYZE;
