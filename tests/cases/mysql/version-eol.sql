-- case: a version that is supported for years
-- expect passed
-- innocent: today
CREATE TABLE t (id int PRIMARY KEY);

-- case: ten years later
-- after: 3700 days
-- expect: server server high
CREATE TABLE t (id int PRIMARY KEY);
