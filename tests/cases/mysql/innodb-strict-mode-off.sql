-- case: switched off for an old dump, and forgotten
-- expect: setting innodb_strict_mode low
SET GLOBAL innodb_strict_mode = OFF;

-- case: as both products have it
-- expect passed
-- innocent: a session of its own that switched it off
-- session loader
SET SESSION innodb_strict_mode = OFF;
-- main
SELECT 1;
