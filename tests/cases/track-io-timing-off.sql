-- case: off, as by default
-- server: track_io_timing=off
-- expect: setting track_io_timing low
SELECT 1;

-- case: on
-- innocent: measured
-- expect passed
SELECT 1;
