-- case: tables go into the system tablespace
-- expect: setting innodb_file_per_table medium
SET GLOBAL innodb_file_per_table = OFF;

-- case: each has its file
-- expect passed
-- innocent: as both products have it
CREATE TABLE t (id int PRIMARY KEY);
