-- Functions, triggers, views, and one rule.

CREATE FUNCTION shop.set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END $$;

CREATE TRIGGER set_updated_at BEFORE UPDATE ON shop.products FOR EACH ROW EXECUTE FUNCTION shop.set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON shop.carts FOR EACH ROW EXECUTE FUNCTION shop.set_updated_at();

CREATE FUNCTION shop.copy_shipping_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT jsonb_build_object('street', street, 'city', city, 'country', country)
    INTO NEW.shipping_address_new
    FROM shop.addresses WHERE id = NEW.shipping_address_id;
  RETURN NEW;
END $$;

CREATE TRIGGER copy_shipping_address BEFORE INSERT OR UPDATE OF shipping_address_id ON shop.orders
  FOR EACH ROW EXECUTE FUNCTION shop.copy_shipping_address();
ALTER TABLE shop.orders DISABLE TRIGGER copy_shipping_address;

CREATE FUNCTION shop.reset_password(account integer, secret text) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
  UPDATE shop.customers SET password = secret, failed_logins = 0 WHERE id = account
$$;

CREATE FUNCTION shop.redeem_gift_card(card text, amount numeric) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = shop, pg_temp AS $$
  UPDATE gift_cards SET balance = balance - amount::money
  WHERE code = card AND balance >= amount::money RETURNING true
$$;
REVOKE EXECUTE ON FUNCTION shop.redeem_gift_card FROM PUBLIC;

CREATE RULE audit_log_keep AS ON DELETE TO shop.audit_log DO INSTEAD NOTHING;

CREATE VIEW shop.order_overview AS
SELECT sale.id, sale.order_number, sale.status, sale.total, sale.placed_at, customer.email, customer.last_name,
  customer.country
FROM shop.orders sale JOIN shop.customers customer ON customer.id = sale.customer_id
WHERE sale.deleted_at IS NULL;

CREATE VIEW shop.sellable_products WITH (security_invoker = true) AS
SELECT product.id, product.sku, product.name, product.price, brand.name AS brand, category.name AS category
FROM shop.products product
LEFT JOIN shop.brands brand ON brand.id = product.brand_id
LEFT JOIN shop.categories category ON category.id = product.category_id
WHERE product.is_active AND product.deleted_at IS NULL;

CREATE MATERIALIZED VIEW shop.daily_sales AS
SELECT placed_at::date AS day, channel, count(*) AS orders, sum(total) AS turnover
FROM shop.orders WHERE status <> 'cancelled'
GROUP BY 1, 2;
