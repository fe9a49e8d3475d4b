-- case: a database that takes any bytes
-- own server
-- expect: database * medium
UPDATE pg_database SET encoding = 0 WHERE datname = current_database();

-- case: UTF8
-- innocent: checked
-- expect passed
SELECT 1;
