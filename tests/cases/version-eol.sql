-- case: support of 14 ended in November 2026
-- on: 14
-- expect: server server high
SELECT 1;

-- case: 15 to 18 are supported
-- on: 15 16 17 18
-- innocent: an older but supported version
-- expect nothing
SELECT 1;

-- case: 15 near its end
-- on: 15
-- after: 300 days
-- expect: server server medium
SELECT 1;
