-- case: from anywhere, and from one machine
-- expect: role root@% high
-- expect: role root@10.1.2.3 low
CREATE USER root@`%` IDENTIFIED BY 'x-Y-1';
CREATE USER root@`10.1.2.3` IDENTIFIED BY 'x-Y-1';
-- innocent: somebody else from anywhere
CREATE USER app@`%` IDENTIFIED BY 'x-Y-1';

-- case: accounts may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
