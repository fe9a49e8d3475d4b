-- case: an amount in money
-- expect: column public.invoice.total medium
-- innocent: the other amounts are numeric and integer cents
CREATE TABLE invoice (id bigint PRIMARY KEY, total money, net numeric(12,2), gross_cents bigint);
