-- case: alone
-- expect: server server medium
SELECT 1;

-- case: followed
-- replica
-- innocent: a streaming replica
-- expect passed
SELECT 1;

-- case: a replica itself
-- replica audited
-- innocent: it follows another server
-- expect passed
SELECT 1;
