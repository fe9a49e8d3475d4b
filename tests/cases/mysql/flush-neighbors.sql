-- case: neighbours are written with each page
-- expect: setting innodb_flush_neighbors info possible
SET GLOBAL innodb_flush_neighbors = 1;

-- case: only what has to be written
-- expect passed
-- innocent: solid storage
SET GLOBAL innodb_flush_neighbors = 0;
