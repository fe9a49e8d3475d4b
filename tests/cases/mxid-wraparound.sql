-- case: a share of the numbers is used
-- own server
-- limits: warn_ratio=0.0000000004 stop_ratio=0.5
-- expect: database * high certain
-- expect: database postgres high
CREATE TABLE t (id bigint PRIMARY KEY);
INSERT INTO t VALUES (1), (2), (3), (4), (5);
-- session one
BEGIN;
SELECT * FROM t FOR SHARE;
-- session two
BEGIN;
SELECT * FROM t FOR SHARE;
-- main

-- case: a young database
-- expect passed
-- innocent: no row is locked by two at once
CREATE TABLE t (id bigint PRIMARY KEY);
