-- case: a transaction that is larger than the cache
-- server: log_bin=binlog server_id=7 secure_file_priv=/tmp innodb_temp_data_file_path=ibtmp1:12M:autoextend:max:1G innodb_doublewrite=ON
-- limits: minimum=1 share=0.0001
-- expect: setting binlog_cache_size low
CREATE TABLE t (id int PRIMARY KEY, body varchar(200));
SET SESSION binlog_format = 'ROW';
INSERT INTO t WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 900)
  SELECT n, repeat('x', 150) FROM s;

-- case: too few transactions to judge
-- expect passed
-- innocent: a server that has just been started
SELECT 1;
