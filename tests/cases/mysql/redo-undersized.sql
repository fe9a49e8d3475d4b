-- case: full sooner than a limit of ages
-- limits: hours=1000000000 min_days=0
-- expect: setting innodb_redo_log_capacity medium
-- engine: mysql
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t VALUES (1), (2);

-- case: full sooner than a limit of ages, the other product
-- limits: hours=1000000000 min_days=0
-- expect: setting innodb_log_file_size medium
-- engine: mariadb
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t VALUES (1), (2);

-- case: the checkpoint is near the end
-- limits: full=0.0000001
-- expect: setting innodb_log_file_size medium
-- engine: mariadb
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t VALUES (1), (2);

-- case: counted for too short a time
-- expect not-assessed
-- innocent: a server that has just been started
SELECT 1;
