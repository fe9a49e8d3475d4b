-- case: moments
-- expect: column public.orders.created_at low
-- expect: column public.mixed.paid_at medium
-- innocent: shop hours are civil time, dates have no time at all, and one column has its zone
CREATE TABLE orders (id bigint PRIMARY KEY, created_at timestamp NOT NULL, due date);
CREATE TABLE mixed (id bigint PRIMARY KEY, created_at timestamptz, paid_at timestamp(3));
CREATE TABLE hours (id bigint PRIMARY KEY, opens_at time, closes_at time, local_start timestamp);
