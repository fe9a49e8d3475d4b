-- case: sequential scans forbidden
-- server: enable_seqscan=off
-- expect: setting enable_seqscan medium
SELECT 1;

-- case: off by default or on by choice
-- server: enable_partitionwise_join=on
-- innocent: partitionwise methods are off by default; switching them on is fine, leaving them off is the default
-- expect passed
SELECT 1;
