-- case: sessions live in the zone of the machine
-- server: TZ=America/New_York
-- expect: setting time_zone info
SELECT 1;

-- case: a zone of its own, wherever the machine is
-- server: TZ=America/New_York default_time_zone=+00:00
-- expect passed
SELECT 1;

-- case: the machine lives in UTC
-- innocent: the zone of the machine is the one to have
-- expect passed
SELECT 1;
