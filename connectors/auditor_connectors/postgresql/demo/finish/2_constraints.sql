-- Foreign keys and late rules.

ALTER TABLE shop.addresses ADD FOREIGN KEY (customer_id) REFERENCES shop.customers ON DELETE CASCADE;
ALTER TABLE shop.addresses ADD FOREIGN KEY (country) REFERENCES shop.countries;
ALTER TABLE shop.gift_cards ADD FOREIGN KEY (customer_id) REFERENCES shop.customers;

ALTER TABLE shop.products ADD FOREIGN KEY (brand_id) REFERENCES shop.brands;
ALTER TABLE shop.products ADD FOREIGN KEY (category_id) REFERENCES shop.categories;
ALTER TABLE shop.product_images ADD FOREIGN KEY (product_id) REFERENCES shop.products ON DELETE CASCADE;
ALTER TABLE shop.product_attributes ADD FOREIGN KEY (product_id) REFERENCES shop.products ON DELETE CASCADE;
ALTER TABLE shop.price_list ADD FOREIGN KEY (product_id) REFERENCES shop.products;
ALTER TABLE shop.price_list ADD FOREIGN KEY (currency) REFERENCES shop.currencies;
ALTER TABLE shop.product_reviews ADD FOREIGN KEY (product_id) REFERENCES shop.products;
ALTER TABLE shop.product_reviews ADD FOREIGN KEY (customer_id) REFERENCES shop.customers;

ALTER TABLE shop.orders ADD FOREIGN KEY (customer_id) REFERENCES shop.customers ON DELETE CASCADE;
ALTER TABLE shop.orders ADD FOREIGN KEY (coupon_id) REFERENCES shop.coupons;
ALTER TABLE shop.order_items ADD FOREIGN KEY (order_id) REFERENCES shop.orders ON DELETE CASCADE;
ALTER TABLE shop.order_items ADD FOREIGN KEY (product_id) REFERENCES shop.products;
ALTER TABLE shop.order_status_history ADD FOREIGN KEY (order_id) REFERENCES shop.orders ON DELETE CASCADE;
ALTER TABLE shop.payments ADD FOREIGN KEY (order_id) REFERENCES shop.orders ON DELETE CASCADE;
ALTER TABLE shop.refunds ADD FOREIGN KEY (payment_id) REFERENCES shop.payments;
ALTER TABLE shop.refunds ADD FOREIGN KEY (approved_by) REFERENCES shop.staff_users;
ALTER TABLE shop.invoices ADD FOREIGN KEY (order_id) REFERENCES shop.orders;
ALTER TABLE shop.coupon_redemptions ADD FOREIGN KEY (coupon_id) REFERENCES shop.coupons;
ALTER TABLE shop.coupon_redemptions ADD FOREIGN KEY (order_id) REFERENCES shop.orders;
ALTER TABLE shop.support_tickets ADD FOREIGN KEY (customer_id) REFERENCES shop.customers;
ALTER TABLE shop.support_tickets ADD FOREIGN KEY (order_id) REFERENCES shop.orders;
ALTER TABLE shop.support_tickets ADD FOREIGN KEY (assigned_to) REFERENCES shop.staff_users;

ALTER TABLE fulfilment.stock_levels ADD FOREIGN KEY (warehouse_id) REFERENCES fulfilment.warehouses;
ALTER TABLE fulfilment.stock_levels ADD FOREIGN KEY (product_id) REFERENCES shop.products;
ALTER TABLE fulfilment.stock_movements ADD FOREIGN KEY (product_id) REFERENCES shop.products;
ALTER TABLE fulfilment.stock_movements ADD FOREIGN KEY (warehouse_id) REFERENCES fulfilment.warehouses;
ALTER TABLE fulfilment.shipments ADD FOREIGN KEY (order_id) REFERENCES shop.orders;
ALTER TABLE fulfilment.shipments ADD FOREIGN KEY (warehouse_id) REFERENCES fulfilment.warehouses;
ALTER TABLE fulfilment.shipments ADD FOREIGN KEY (carrier_id) REFERENCES fulfilment.carriers;
ALTER TABLE fulfilment.shipment_events ADD FOREIGN KEY (shipment_id) REFERENCES fulfilment.shipments ON DELETE CASCADE;
ALTER TABLE fulfilment.returns ADD FOREIGN KEY (shipment_id) REFERENCES fulfilment.shipments;

-- Address migration of 2023: new rows are checked, the old ones follow.
ALTER TABLE shop.orders ADD CONSTRAINT orders_shipping_address_id_fkey
  FOREIGN KEY (shipping_address_id) REFERENCES shop.addresses NOT VALID;
ALTER TABLE shop.orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;
