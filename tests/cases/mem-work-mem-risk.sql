-- case: a gigabyte for each of three hundred
-- server: work_mem=1GB max_connections=300
-- expect: setting work_mem medium
SELECT 1;

-- case: the built-in values
-- innocent: 4 MB for each of a hundred
-- expect passed
SELECT 1;
