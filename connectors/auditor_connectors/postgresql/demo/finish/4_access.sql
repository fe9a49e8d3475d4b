-- Who may do what. The roles themselves are made before the tables.

GRANT USAGE ON SCHEMA shop TO shop_web, reporting, fulfilment_service;
GRANT USAGE ON SCHEMA fulfilment TO fulfilment_service, reporting;
GRANT USAGE ON SCHEMA legacy TO reporting;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shop TO shop_web;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA shop TO shop_web;
GRANT SELECT ON ALL TABLES IN SCHEMA shop, fulfilment, legacy TO reporting;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA fulfilment TO fulfilment_service;
GRANT SELECT ON shop.products, shop.orders, shop.order_items TO fulfilment_service;
ALTER DEFAULT PRIVILEGES IN SCHEMA fulfilment GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO fulfilment_service;

-- As it was before version 15.
GRANT CREATE ON SCHEMA public TO PUBLIC;

GRANT SELECT ON shop.currencies, shop.countries TO PUBLIC;
GRANT SELECT, UPDATE ON shop.customers TO PUBLIC;
GRANT ALL ON shop.newsletter_recipients TO PUBLIC;

ALTER TABLE shop.gift_cards ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tickets ON shop.support_tickets USING (assigned_to = current_setting('shop.staff', true)::integer);
