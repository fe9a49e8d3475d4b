-- case: many idle ones
-- limits: sessions=3 share=0.6
-- expect: server server medium
-- session a
SELECT 1;
-- session b
SELECT 1;
-- session c
SELECT 1;

-- case: a handful
-- innocent: a small pool
-- expect passed
-- session a
SELECT 1;
-- session b
SELECT 1;
