-- case: off, as by default
-- expect: setting archive_mode high
SELECT 1;

-- case: on, with a command
-- server: archive_mode=on archive_command=true
-- innocent: whether the command works is another check's matter
-- expect passed
SELECT 1;

-- case: a replica does not archive, its primary does
-- replica audited
-- innocent: a standby
-- expect passed
SELECT 1;
