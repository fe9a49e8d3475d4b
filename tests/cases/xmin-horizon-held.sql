-- case: a session that forgot to end its transaction
-- limits: min_age=40 high_age=1000
-- expect: session * medium certain
CREATE TABLE t (id bigint PRIMARY KEY);
-- session reader
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM t;
-- main
-- repeat: 50
INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t;

-- case: a prepared transaction that nobody holds
-- own server
-- server: max_prepared_transactions=5
-- limits: min_age=40 high_age=45
-- expect: transaction "forgotten" high
CREATE TABLE t (id bigint PRIMARY KEY);
BEGIN;
INSERT INTO t VALUES (0);
PREPARE TRANSACTION 'forgotten';
-- repeat: 50
INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t;

-- case: a slot that nobody consumes
-- own server
-- limits: min_age=40
-- expect: replication waits
CREATE TABLE t (id bigint PRIMARY KEY);
SELECT pg_create_logical_replication_slot('waits', 'test_decoding');
-- repeat: 50
INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t;

-- case: young snapshots
-- expect passed
-- innocent: a transaction is open, but nothing has happened since
CREATE TABLE t (id bigint PRIMARY KEY);
-- session reader
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM t;

-- case: everybody may see who holds the horizon
-- limits: min_age=40
-- as: nobody
-- expect: session *
CREATE TABLE t (id bigint PRIMARY KEY);
-- session reader
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM t;
-- main
-- repeat: 50
INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t;
