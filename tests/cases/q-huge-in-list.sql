-- case: thirty ids at a time
-- versions: 17
-- limits: values=30
-- expect: query * low certain
CREATE EXTENSION pg_stat_statements;
CREATE TABLE t (id int PRIMARY KEY, kind int);
-- repeat: 25
SELECT id FROM t WHERE id IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
-- innocent: once, by hand
SELECT kind FROM t WHERE id IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
-- innocent: a short list
-- repeat: 25
SELECT id FROM t WHERE id IN (1, 2, 3);
-- innocent: an array of any length is one value
-- repeat: 25
SELECT id FROM t WHERE id = ANY ('{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30}'::int[]);
-- innocent: a list of what to return is not one of conditions
-- repeat: 25
SELECT 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30;
