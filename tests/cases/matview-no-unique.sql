-- case: with and without a key
-- as: nobody
-- expect: view public.plain low
-- expect: view public.partly low
-- expect: view public.computed low
-- innocent: keyed has a unique index over two columns, an ordinary view needs none
CREATE TABLE sales (id bigint PRIMARY KEY, day date, amount numeric);
CREATE MATERIALIZED VIEW plain AS SELECT day, sum(amount) AS total FROM sales GROUP BY day;
CREATE INDEX ON plain (day);
CREATE MATERIALIZED VIEW partly AS SELECT day, sum(amount) AS total FROM sales GROUP BY day;
CREATE UNIQUE INDEX ON partly (day) WHERE day > '2020-01-01';
CREATE MATERIALIZED VIEW computed AS SELECT day, sum(amount) AS total FROM sales GROUP BY day;
CREATE UNIQUE INDEX ON computed ((day + 1));
CREATE MATERIALIZED VIEW keyed AS SELECT day, id % 10 AS shop, sum(amount) AS total FROM sales GROUP BY 1, 2;
CREATE UNIQUE INDEX ON keyed (shop, day);
CREATE VIEW ordinary AS SELECT * FROM sales;

-- case: large, with values that tell its rows apart
-- expect: view public.large medium
-- innocent: small is small
CREATE MATERIALIZED VIEW large AS SELECT n AS id, n % 10 AS shop FROM generate_series(1, 20000) n;
CREATE MATERIALIZED VIEW small AS SELECT n AS id FROM generate_series(1, 10) n;
CREATE UNIQUE INDEX ON small (id);
ANALYZE;

-- case: small but slow
-- limits: slow_ms=40
-- expect: view public.slow medium
CREATE EXTENSION pg_stat_statements;
CREATE MATERIALIZED VIEW slow AS SELECT 1 AS one FROM (SELECT pg_sleep(0.05) OFFSET 0) s;
REFRESH MATERIALIZED VIEW slow;
