-- case: a connection for every little piece of work
-- limits: per_second=0 min_days=0
-- expect: database shop
SELECT 1;

-- case: counted for too short a time
-- expect not-assessed
-- innocent: a server that has just been started
SELECT 1;
