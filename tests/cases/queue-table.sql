-- case: rows pass through
-- expect: table shop.work_items low likely
-- expect: table shop.email_jobs low possible
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA shop;
CREATE TABLE shop.work_items (id bigint PRIMARY KEY, state int);
INSERT INTO shop.work_items SELECT i, 0 FROM generate_series(1, 12000) i;
SELECT id FROM shop.work_items ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
DELETE FROM shop.work_items WHERE id > 50;
CREATE TABLE shop.email_jobs (id bigint PRIMARY KEY, state int);
INSERT INTO shop.email_jobs SELECT i, 0 FROM generate_series(1, 12000) i;
DELETE FROM shop.email_jobs;
-- innocent: set up for it
CREATE TABLE shop.tuned_jobs (id bigint PRIMARY KEY, state int)
  WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
INSERT INTO shop.tuned_jobs SELECT i, 0 FROM generate_series(1, 12000) i;
DELETE FROM shop.tuned_jobs WHERE id > 50;
SELECT pg_sleep(1.1);
VACUUM shop.tuned_jobs;
-- innocent: rows come and go, but nothing says that it is a queue
CREATE TABLE shop.sessions (id bigint PRIMARY KEY, state int);
INSERT INTO shop.sessions SELECT i, 0 FROM generate_series(1, 12000) i;
DELETE FROM shop.sessions;
-- innocent: a queue by name whose rows stay
CREATE TABLE shop.print_queue (id bigint PRIMARY KEY, state int);
INSERT INTO shop.print_queue SELECT i, 0 FROM generate_series(1, 12000) i;
-- innocent: a queue with little traffic
CREATE TABLE shop.tasks (id bigint PRIMARY KEY, state int);
INSERT INTO shop.tasks SELECT i, 0 FROM generate_series(1, 100) i;
DELETE FROM shop.tasks;
