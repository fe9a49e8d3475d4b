-- case: three of four
-- expect: server server high
SET GLOBAL max_connections = 10;
-- session a
SELECT 1;
-- session b
SELECT 1;
-- session c
SELECT 1;
-- session d
SELECT 1;
-- session e
SELECT 1;
-- session f
SELECT 1;
-- session g
SELECT 1;
-- session h
SELECT 1;
-- main
SELECT 1;

-- case: plenty of room
-- expect passed
-- innocent: a few sessions of many
SELECT 1;
