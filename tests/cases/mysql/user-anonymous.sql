-- case: an account without a name
-- expect: role @localhost critical
CREATE USER ``@localhost;
-- innocent: an account with a name and without a host of its own
CREATE USER app@`%` IDENTIFIED BY 'x-Y-1';

-- case: accounts may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
