-- case: one for each call
-- after: 2 days
-- limits: daily=10
-- expect: query * low certain
CREATE EXTENSION pg_stat_statements;
-- repeat: 40
CREATE TEMPORARY TABLE IF NOT EXISTS basket (id int) ON COMMIT DROP;
-- innocent: once
CREATE TEMP TABLE once (id int);
-- innocent: tables that stay
-- repeat: 40
CREATE TABLE IF NOT EXISTS kept (id int);
-- innocent: an unlogged table for the same work
CREATE UNLOGGED TABLE work (id int);

-- case: counted for an hour
-- after: 1 hours
-- limits: daily=10
-- innocent: a deployment may have done it
-- expect nothing
CREATE EXTENSION pg_stat_statements;
-- repeat: 40
CREATE TEMPORARY TABLE IF NOT EXISTS basket (id int) ON COMMIT DROP;
