-- case: a cache that is large by the limit, switched off
-- server: shared_buffers=64MB huge_pages=off
-- limits: min_bytes=60000000
-- expect: setting huge_pages low certain
SELECT 1;

-- case: a small cache
-- server: huge_pages=off
-- innocent: the page tables of a small cache are small
-- expect passed
SELECT 1;

-- case: an older server does not tell what it got
-- versions: 15
-- server: shared_buffers=64MB huge_pages=try
-- limits: min_bytes=60000000
-- innocent: it may well have got them
-- expect not-assessed
SELECT 1;
