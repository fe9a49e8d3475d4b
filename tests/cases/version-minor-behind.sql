-- case: one release behind
-- on: 15
-- expect: server server low
SELECT 1;

-- case: the newest known release
-- on: 18
-- innocent: 18.6 is the newest one that was seen
-- expect nothing
SELECT 1;
