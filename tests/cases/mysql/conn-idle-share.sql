-- case: nearly all sleep
-- limits: sessions=3 share=0.5
-- expect: server server
-- session a
SELECT 1;
-- session b
SELECT 1;
-- session c
SELECT 1;
-- main
SELECT 1;

-- case: without PROCESS the sessions of others are hidden
-- as: SELECT ON shop.*
-- expect not-assessed
SELECT 1;

-- case: a handful
-- expect passed
-- innocent: few sessions that sleep
-- session a
SELECT 1;
-- main
SELECT 1;
