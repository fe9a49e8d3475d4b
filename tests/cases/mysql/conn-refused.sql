-- case: the peak was at the limit
-- limits: share=0.1
-- expect: server server low
SET GLOBAL max_connections = 10;
-- session another
SELECT 1;
-- main
SELECT 1;

-- case: far from it
-- expect passed
-- innocent: a handful of connections
SELECT 1;
