-- case: a limit that any lag exceeds
-- replica
-- limits: max_bytes=0
-- expect: replication *
SELECT 1;

-- case: a replica that keeps up
-- replica
-- innocent: a few bytes are normal
-- expect passed
SELECT 1;
