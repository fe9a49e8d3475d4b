-- case: moments
-- expect: column public.orders.created_at low
-- expect: column public.mixed.paid_at medium
-- innocent: a name says that it is UTC, and a migration tool's table is as the tool makes it
CREATE TABLE crawl (id bigint PRIMARY KEY, fetched_at_utc timestamp);
CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar, created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
-- innocent: shop hours are civil time, dates have no time at all, and one column has its zone
CREATE TABLE orders (id bigint PRIMARY KEY, created_at timestamp NOT NULL, due date);
CREATE TABLE mixed (id bigint PRIMARY KEY, created_at timestamptz, paid_at timestamp(3));
CREATE TABLE hours (id bigint PRIMARY KEY, opens_at time, closes_at time, local_start timestamp);
