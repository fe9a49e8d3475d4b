-- case: the smaller limit counts
-- engine: mariadb
-- expect: setting max_heap_table_size low
SET GLOBAL tmp_table_size = 67108864;

-- case: the same with the older engine for temporary tables
-- engine: mysql
-- expect: setting max_heap_table_size low
SET GLOBAL tmp_table_size = 67108864;
SET GLOBAL internal_tmp_mem_storage_engine = 'MEMORY';

-- case: an engine that does not ask for the other limit
-- engine: mysql
-- expect passed
-- innocent: temporary tables are not MEMORY tables
SET GLOBAL tmp_table_size = 67108864;

-- case: both alike
-- expect passed
-- innocent: as both products have them
SELECT 1;
