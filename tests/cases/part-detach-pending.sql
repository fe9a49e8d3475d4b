-- case: a detach that was interrupted
-- expect: partition public.events_1 medium certain
-- innocent: partitions that are attached
CREATE TABLE events (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
-- An interrupted detach leaves this mark; a statement that is cancelled cannot be written in a case
UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = 'events_1'::regclass;

-- case: a detach that is going on
-- expect not-assessed
CREATE TABLE events (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
-- session reader
BEGIN;
SELECT count(*) FROM events;
-- session detacher background
ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY;
