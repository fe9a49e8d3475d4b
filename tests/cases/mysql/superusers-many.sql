-- case: one more who may do everything
-- expect: role admin@% medium
CREATE USER admin@`%` IDENTIFIED BY 'x-Y-1';
GRANT ALL PRIVILEGES ON *.* TO admin@`%` WITH GRANT OPTION;
-- innocent: an account of the application
CREATE USER app@`%` IDENTIFIED BY 'x-Y-1';
GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO app@`%`;

-- case: who has an account may not be seen
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;
