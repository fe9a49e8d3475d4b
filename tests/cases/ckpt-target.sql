-- case: the default of old
-- server: checkpoint_completion_target=0.5
-- expect: setting checkpoint_completion_target low certain
SELECT 1;

-- case: a little below the default
-- server: checkpoint_completion_target=0.8
-- innocent: spread widely enough
-- expect passed
SELECT 1;

-- case: the default
-- expect passed
SELECT 1;
