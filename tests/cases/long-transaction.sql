-- case: a statement that takes its time
-- limits: seconds=1
-- expect: session * medium
-- session slow background
SELECT pg_sleep(20);
-- main
SELECT pg_sleep(1.5);

-- case: short work and an index build
-- limits: seconds=30
-- innocent: younger than the limit
-- expect passed
-- session quick background
SELECT pg_sleep(5);
