-- case: five thousand
-- server: max_connections=5000
-- expect: setting max_connections low
SELECT 1;

-- case: three hundred
-- server: max_connections=300
-- innocent: not small, but a server can bear it
-- expect passed
SELECT 1;
