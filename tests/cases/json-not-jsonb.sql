-- case: json and its reasons
-- expect: column public.event.payload low
-- innocent: one column keeps signed originals, one is jsonb, one says in its comment that the text matters
CREATE TABLE event (id bigint PRIMARY KEY, payload json, raw_request json, settings jsonb, webhook json);
COMMENT ON COLUMN event.webhook IS 'exact text as received';
