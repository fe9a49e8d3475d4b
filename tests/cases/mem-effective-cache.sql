-- case: less than the server's own cache
-- server: effective_cache_size=64MB shared_buffers=128MB
-- expect: setting effective_cache_size medium
SELECT 1;

-- case: the built-in 4 GB
-- innocent: more than the server's own cache
-- expect passed
SELECT 1;
