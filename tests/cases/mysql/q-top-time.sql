-- case: one statement takes most of the time
-- limits: busy_ms=1
-- expect: query * high
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t VALUES (1);
-- repeat: 30
SELECT id, sleep(0.02) FROM t;
-- innocent: as often, and quick
-- repeat: 30
SELECT id FROM t;

-- case: hardly any load
-- expect passed
-- innocent: a share of next to nothing
CREATE TABLE t (id int PRIMARY KEY);
-- repeat: 30
SELECT id FROM t;
