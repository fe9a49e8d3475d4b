-- case: counters off
-- server: track_counts=off
-- expect: setting track_counts high
SELECT 1;

-- case: activities off
-- server: track_activities=off
-- expect: setting track_activities medium
SELECT 1;

-- case: both on, as by default
-- innocent: the default
-- expect passed
SELECT 1;
