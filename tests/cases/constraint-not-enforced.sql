-- case: declared only
-- versions: 18-
-- expect: constraint public.orders.orders_customer_id_fkey medium
-- expect: constraint public.orders.positive medium
-- expect: constraint public.orders.documented info
-- innocent: public.orders.sound is enforced, public.orders.waiting is enforced for new rows
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers NOT ENFORCED, total int,
  CONSTRAINT positive CHECK (total > 0) NOT ENFORCED, CONSTRAINT documented CHECK (total < 1000) NOT ENFORCED,
  CONSTRAINT sound CHECK (total <> 7));
COMMENT ON CONSTRAINT documented ON orders IS 'kept by the billing service';
ALTER TABLE orders ADD CONSTRAINT waiting CHECK (id > 0) NOT VALID;

-- case: before version 18 every constraint is enforced
-- versions: 14-17
-- expect passed
CREATE TABLE orders (id bigint PRIMARY KEY, total int CHECK (total > 0));
