-- case: small cache, larger data that is read past it
-- server: shared_buffers=1MB
-- limits: times=8
-- expect: setting shared_buffers medium
CREATE TABLE big AS SELECT g, repeat('x', 500) AS pad FROM generate_series(1, 40000) g;
-- repeat: 5
SELECT count(*) FROM big;

-- case: the built-in size for a small database
-- innocent: the data fits many times
-- expect passed
CREATE TABLE t (a int);
