-- What runs beside the shop: audit trail, web statistics, jobs, counters.

CREATE TABLE shop.audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  occurred_at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action text NOT NULL,
  entity_type text NOT NULL,
  entity_id bigint NOT NULL,
  ip inet,
  payload jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE shop.page_views (
  id serial PRIMARY KEY,
  visitor_id varchar(36) NOT NULL,
  customer_id integer,
  product_id integer,
  url varchar(500) NOT NULL,
  referrer varchar(500),
  device varchar(20),
  country char(2),
  viewed_at timestamp NOT NULL DEFAULT now()
);

CREATE TABLE shop.job_queue (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue text NOT NULL,
  payload jsonb NOT NULL,
  state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'done', 'failed')),
  attempts smallint NOT NULL DEFAULT 0,
  run_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);

CREATE TABLE shop.counters (
  name text PRIMARY KEY,
  value bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
