-- case: far too large for all
-- expect: setting sort_buffer_size medium
-- expect: setting join_buffer_size low
SET GLOBAL sort_buffer_size = 134217728;
SET GLOBAL join_buffer_size = 16777216;

-- case: as the products have them
-- expect passed
-- innocent: two megabytes for sorts, as MariaDB has
SET GLOBAL sort_buffer_size = 2097152;

-- case: a session of its own
-- expect passed
-- innocent: a report that sorts much sets it for itself
-- session report
SET SESSION sort_buffer_size = 134217728;
-- main
SELECT 1;
