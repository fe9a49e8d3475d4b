-- case: who owns and who draws
-- expect: sequence public.loose low certain
-- expect: sequence public.global low possible
-- expect: sequence public.first_id_seq low
-- expect: sequence public.stray medium
-- expect: sequence other.far low
-- innocent: serial and identity columns own their sequences, and nothing draws from public.by_hand by default
CREATE SEQUENCE loose;
CREATE TABLE draws (id bigint PRIMARY KEY DEFAULT nextval('loose'));
CREATE SEQUENCE global;
CREATE TABLE global_a (id bigint PRIMARY KEY DEFAULT nextval('global'));
CREATE TABLE global_b (id bigint PRIMARY KEY DEFAULT nextval('global'));
CREATE TABLE first (id bigserial PRIMARY KEY);
CREATE TABLE copied (LIKE first INCLUDING DEFAULTS);
CREATE TABLE owner (id bigint PRIMARY KEY);
CREATE SEQUENCE stray OWNED BY owner.id;
CREATE TABLE borrower (id bigint PRIMARY KEY DEFAULT nextval('stray'));
CREATE SCHEMA other;
CREATE SEQUENCE other.far;
CREATE TABLE near (id bigint PRIMARY KEY DEFAULT nextval('other.far'));
CREATE TABLE sound (id bigserial PRIMARY KEY, n bigint GENERATED ALWAYS AS IDENTITY);
CREATE SEQUENCE by_hand;

-- case: partitions and heirs draw from their parent's sequence
-- expect passed
-- innocent: they repeat the parent's default
CREATE TABLE events (id bigserial, at date) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY RANGE (id);
CREATE TABLE events_2_1 PARTITION OF events_2 FOR VALUES FROM (1) TO (1000);
CREATE TABLE logs (id bigserial PRIMARY KEY);
CREATE TABLE logs_1 () INHERITS (logs);
CREATE TABLE logs_1_1 () INHERITS (logs_1);
