-- case: what is taken back is seen
-- expect: setting *_isolation medium
SET GLOBAL TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;

-- case: each reader locks
-- expect: setting *_isolation low
SET GLOBAL TRANSACTION ISOLATION LEVEL SERIALIZABLE;

-- case: one of the two usual levels
-- expect passed
-- innocent: READ COMMITTED
SET GLOBAL TRANSACTION ISOLATION LEVEL READ COMMITTED;

-- case: as the products have it
-- expect passed
-- innocent: a session that wants more for itself
SET GLOBAL TRANSACTION ISOLATION LEVEL REPEATABLE READ;
-- session bank
SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE;
-- main
SELECT 1;
