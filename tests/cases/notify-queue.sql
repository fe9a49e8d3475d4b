-- case: a listener that sleeps in a transaction
-- own server
-- limits: share=0.000001
-- expect: server server medium certain
-- session listener
LISTEN news;
BEGIN;
SELECT 1;
-- main
-- repeat: 40
SELECT pg_notify('news', repeat('x', 7000) || random());

-- case: a listener that reads
-- own server
-- innocent: the queue is read at once
-- expect passed
-- session listener
LISTEN news;
-- main
NOTIFY news, 'x';
