-- case: on, with room
-- engine: mariadb
-- expect: setting query_cache_type medium
SET GLOBAL query_cache_size = 16777216;
SET GLOBAL query_cache_type = ON;

-- case: only for statements that ask
-- engine: mariadb
-- expect: setting query_cache_type low
SET GLOBAL query_cache_size = 16777216;
SET GLOBAL query_cache_type = DEMAND;

-- case: off, as both products have it; MySQL has none at all
-- expect passed
-- innocent: a size without the cache being on
SELECT 1;
