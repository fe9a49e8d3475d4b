-- case: nobody takes the binary log
-- expect: server server medium
CREATE TABLE t (id int PRIMARY KEY);

-- case: whether somebody does may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
-- innocent: a server that may have replicas
SELECT 1;
