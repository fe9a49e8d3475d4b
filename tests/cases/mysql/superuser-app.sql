-- case: a pool of root in the application's database
-- expect: role root@* high possible
-- session one
SELECT 1;
-- session two
SELECT 1;
-- session three
SELECT 1;
-- main
SELECT 1;

-- case: one person
-- expect nothing
-- innocent: a single session without a name
-- session one
SELECT 1;
-- main
SELECT 1;
