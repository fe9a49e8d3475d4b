-- case: one that nobody enabled
-- own server
-- expect: replication still medium certain
CREATE SUBSCRIPTION still CONNECTION 'host=127.0.0.1 dbname=elsewhere' PUBLICATION p WITH (connect = false, slot_name = NONE);

-- case: one that is enabled and has not failed
-- own server
-- innocent: its worker waits for the publisher
-- expect passed
CREATE SUBSCRIPTION moving CONNECTION 'host=127.0.0.1 port=1 dbname=elsewhere' PUBLICATION p WITH (connect = false, slot_name = 'moving');
ALTER SUBSCRIPTION moving ENABLE;
