-- case: what a limit of all would say
-- limits: hit_ratio=1.1 minimum_blocks=1
-- expect: database shop
SELECT 1;

-- case: too few reads to judge
-- limits: minimum_blocks=1000000000
-- expect not-assessed
-- innocent: a server that has just been started
SELECT 1;
