-- Indexes, in the order in which they were wished for.

-- 2020, 2021
ALTER TABLE shop.customers ADD CONSTRAINT customers_email_key UNIQUE (email);
CREATE INDEX customers_last_name_idx ON shop.customers (last_name);
CREATE INDEX customers_last_name_first_name_idx ON shop.customers (last_name, first_name);
CREATE INDEX customers_is_active_idx ON shop.customers (is_active);
CREATE INDEX customers_referral_code_idx ON shop.customers (referral_code);
CREATE INDEX customers_fax_idx ON shop.customers (fax);

ALTER TABLE shop.products ADD CONSTRAINT products_sku_key UNIQUE (sku);
ALTER TABLE shop.products ADD CONSTRAINT products_slug_key UNIQUE (slug);
CREATE INDEX products_legacy_sku_idx ON shop.products (legacy_sku);
CREATE INDEX products_category_id_idx ON shop.products (category_id);
CREATE INDEX products_brand_id_idx ON shop.products (brand_id);
CREATE INDEX product_attributes_product_id_idx ON shop.product_attributes (product_id, attribute_name);

ALTER TABLE shop.orders ADD CONSTRAINT orders_order_number_key UNIQUE (order_number);
ALTER TABLE shop.orders ADD CONSTRAINT orders_public_id_key UNIQUE (public_id);
CREATE INDEX orders_customer_id_placed_at_idx ON shop.orders (customer_id, placed_at DESC);
CREATE INDEX orders_placed_at_idx ON shop.orders (placed_at);
CREATE INDEX orders_status_idx ON shop.orders (status);
CREATE INDEX orders_open_coupon_idx ON shop.orders (coupon_id) WHERE cancelled_at IS NULL;
CREATE INDEX orders_shipping_address_id_idx ON shop.orders (shipping_address_id);
CREATE INDEX order_items_order_id_idx ON shop.order_items (order_id);
ALTER TABLE shop.payments ADD CONSTRAINT payments_provider_reference_key UNIQUE (provider, provider_reference);
CREATE INDEX audit_log_occurred_at_idx ON shop.audit_log (occurred_at);
CREATE INDEX audit_log_entity_idx ON shop.audit_log (entity_type, entity_id);
CREATE INDEX page_views_viewed_at_idx ON shop.page_views (viewed_at);
CREATE INDEX gift_cards_customer_id_idx ON shop.gift_cards (customer_id);
CREATE UNIQUE INDEX newsletter_recipients_email_idx ON shop.newsletter_recipients (email);

-- after the slow checkout of Black Week 2022
CREATE INDEX ix_order_items_order_id ON shop.order_items (order_id);
CREATE INDEX ix_order_items_order_product ON shop.order_items (order_id, product_id);

-- since 2023
CREATE INDEX addresses_customer_id_idx ON shop.addresses (customer_id);
CREATE INDEX categories_parent_id_idx ON shop.categories (parent_id);
CREATE INDEX product_images_product_id_position_idx ON shop.product_images (product_id, position);
CREATE INDEX product_reviews_product_id_created_at_idx ON shop.product_reviews (product_id, created_at DESC);
CREATE INDEX product_reviews_customer_id_idx ON shop.product_reviews (customer_id);
CREATE INDEX carts_customer_id_idx ON shop.carts (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX order_status_history_order_id_changed_at_idx ON shop.order_status_history (order_id, changed_at);
CREATE INDEX refunds_payment_id_idx ON shop.refunds (payment_id);
ALTER TABLE shop.invoices ADD CONSTRAINT invoices_order_id_key UNIQUE (order_id);
ALTER TABLE shop.invoices ADD CONSTRAINT invoices_number_key UNIQUE (number);
CREATE INDEX coupon_redemptions_order_id_idx ON shop.coupon_redemptions (order_id);
CREATE INDEX support_tickets_customer_id_idx ON shop.support_tickets (customer_id);
CREATE INDEX support_tickets_order_id_idx ON shop.support_tickets (order_id);
CREATE INDEX support_tickets_open_idx ON shop.support_tickets (opened_at) WHERE closed_at IS NULL;
CREATE INDEX job_queue_ready_idx ON shop.job_queue (run_at) WHERE state = 'ready';

CREATE INDEX stock_levels_warehouse_id_idx ON fulfilment.stock_levels (warehouse_id);
CREATE INDEX stock_levels_product_id_idx ON fulfilment.stock_levels (product_id);
CREATE INDEX stock_levels_quantity_idx ON fulfilment.stock_levels (quantity);
CREATE INDEX stock_levels_reserved_idx ON fulfilment.stock_levels (reserved);
CREATE INDEX stock_levels_updated_at_idx ON fulfilment.stock_levels (updated_at);
CREATE INDEX stock_levels_bin_location_idx ON fulfilment.stock_levels (bin_location);
CREATE INDEX stock_levels_reorder_point_idx ON fulfilment.stock_levels (reorder_point);
CREATE INDEX stock_levels_counted_at_idx ON fulfilment.stock_levels (counted_at);
CREATE INDEX stock_levels_available_idx ON fulfilment.stock_levels ((quantity - reserved));
CREATE INDEX stock_movements_product_id_moved_at_idx ON fulfilment.stock_movements (product_id, moved_at);
CREATE INDEX shipments_order_id_idx ON fulfilment.shipments (order_id);
CREATE INDEX shipments_warehouse_id_shipped_at_idx ON fulfilment.shipments (warehouse_id, shipped_at);
ALTER TABLE fulfilment.shipments ADD CONSTRAINT shipments_tracking_number_key UNIQUE (tracking_number);
CREATE INDEX shipment_events_shipment_id_happened_at_idx ON fulfilment.shipment_events (shipment_id, happened_at);
CREATE INDEX shipment_events_happened_at_brin ON fulfilment.shipment_events USING brin (happened_at);
CREATE INDEX returns_shipment_id_idx ON fulfilment.returns (shipment_id);
