-- case: conditions that are always true
-- expect: index shop.orders_customer low certain
-- expect: index shop.odd
-- expect: index shop.orders_pair low
-- expect: index shop.orders_open info
CREATE SCHEMA shop;
CREATE TABLE shop.orders (
  id bigint PRIMARY KEY, customer_id bigint NOT NULL, state text NOT NULL, coupon text, "Odd Name" int NOT NULL);
CREATE INDEX orders_customer ON shop.orders (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX odd ON shop.orders ("Odd Name") WHERE "Odd Name" IS NOT NULL;
CREATE INDEX orders_pair ON shop.orders (customer_id, state) WHERE customer_id IS NOT NULL AND state IS NOT NULL;
CREATE INDEX orders_open ON shop.orders (customer_id) WHERE customer_id IS NOT NULL AND state = 'open';
-- innocent: the column may be null
CREATE INDEX ON shop.orders (coupon) WHERE coupon IS NOT NULL;
-- innocent: another condition, one of two, a full index
CREATE INDEX ON shop.orders (state) WHERE state <> 'done';
CREATE INDEX ON shop.orders (id) WHERE state IS NOT NULL OR coupon IS NOT NULL;
CREATE INDEX ON shop.orders (state, id);
CREATE INDEX ON shop.orders (id, state) WHERE lower(state) IS NOT NULL;
