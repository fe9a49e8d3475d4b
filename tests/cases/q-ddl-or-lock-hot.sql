-- case: emptied and changed all the time
-- after: 2 days
-- limits: daily=10
-- expect: query * low likely
-- expect: query * low likely
CREATE EXTENSION pg_stat_statements;
CREATE TABLE work (id int, a int);
-- repeat: 40
TRUNCATE work;
-- expect: query * low likely
-- repeat: 40
TRUNCATE TABLE ONLY public.work;
-- repeat: 40
ALTER TABLE work ALTER COLUMN a SET DEFAULT 1;
-- innocent: a migration
ALTER TABLE work ADD COLUMN b int;
-- innocent: a session's own table
CREATE TEMPORARY TABLE basket (id int);
-- repeat: 40
TRUNCATE TABLE basket;
-- innocent: changes of rows
-- repeat: 40
DELETE FROM work;
-- innocent: a change that disturbs nobody
-- repeat: 40
ALTER TABLE work ALTER COLUMN a SET STATISTICS 200;

-- case: counted for an hour
-- after: 1 hours
-- limits: daily=10
-- innocent: a deployment
-- expect nothing
CREATE EXTENSION pg_stat_statements;
CREATE TABLE work (id int);
-- repeat: 40
TRUNCATE work;
