-- case: more than the limit
-- after: 2 days
-- limits: per_second=0.000001
-- expect: database * medium certain
SELECT 1;

-- case: a few a day
-- after: 2 days
-- innocent: what an application with a pool does
-- expect passed
SELECT 1;

-- case: counters too young to tell
-- after: 2 hours
-- limits: per_second=0.000001
-- innocent: a start of the application looks like this
-- expect not-assessed
SELECT 1;
