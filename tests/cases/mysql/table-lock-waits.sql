-- case: one writer stops a reader
-- limits: minimum=1 share=0 min_days=0
-- expect: server server
CREATE TABLE log (id int PRIMARY KEY, n int) ENGINE = MyISAM;
INSERT INTO log VALUES (1, 0), (2, 0);
-- session writer background
UPDATE log SET n = n + sleep(1.2);
-- session reader background
SELECT * FROM log;
-- main
SELECT 1;

-- case: counted for too short a time
-- expect not-assessed
-- innocent: a server that has just been started
SELECT 1;
