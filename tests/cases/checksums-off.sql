-- case: made without, as by default before 18
-- on: 15 17
-- expect: setting data_checksums medium
SELECT 1;

-- case: made with, as by default on 18
-- versions: 18-
-- innocent: on by default
-- expect passed
SELECT 1;
