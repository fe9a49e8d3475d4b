-- case: no mode at all
-- expect: setting sql_mode high
SET GLOBAL sql_mode = '';

-- case: strict, but groups return any row
-- engine: mysql
-- expect: setting sql_mode medium
SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE';

-- case: what each product sets by itself
-- expect passed
-- innocent: MariaDB leaves out modes that its makers left out on purpose
SELECT 1;
