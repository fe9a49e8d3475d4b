-- case: a share of the numbers is used
-- own server
-- limits: warn_ratio=0.0000001 stop_ratio=0.5
-- expect: database * high certain
-- expect: database postgres high
CREATE TABLE t (id bigint PRIMARY KEY);
-- repeat: 300
INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t;

-- case: past the second mark
-- own server
-- limits: warn_ratio=0.0000001 stop_ratio=0.0000001
-- expect: database * critical
-- expect: database postgres critical
CREATE TABLE t (id bigint PRIMARY KEY);
-- repeat: 300
INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t;

-- case: a young database
-- expect passed
-- innocent: some thousand transactions are nothing
CREATE TABLE t (id bigint PRIMARY KEY);
