CREATE TABLE event (id int PRIMARY KEY, at datetime NOT NULL, KEY by_at (at));
INSERT INTO event WITH RECURSIVE d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 54)
  SELECT a.n * 55 + b.n, '2026-01-01' + INTERVAL a.n * 55 + b.n MINUTE FROM d a JOIN d b;

-- case: a period goes by a delete
-- limits: min_rows=1000 min_deleted=1000 min_per_call=500
-- expect: table shop.event
DELETE FROM event WHERE at < '2026-01-02';

-- case: a few at a time
-- limits: min_rows=1000 min_deleted=1000 min_per_call=500
-- expect passed
-- innocent: by its key
DELETE FROM event WHERE id = 7;
-- innocent: not by time
DELETE FROM event WHERE id < 2000;
