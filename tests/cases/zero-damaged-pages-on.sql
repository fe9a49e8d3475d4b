-- case: left on after a rescue
-- server: zero_damaged_pages=on ignore_checksum_failure=on
-- expect: setting zero_damaged_pages critical certain
-- expect: setting ignore_checksum_failure critical certain
SELECT 1;

-- case: the default
-- innocent: an error stops whoever meets the damage
-- expect passed
SELECT 1;
