CREATE TABLE visit (id int AUTO_INCREMENT PRIMARY KEY, at datetime);
INSERT INTO visit (id, at) VALUES (1, now());

-- case: inserts of a key that is there
-- limits: min_errors=1
-- expect: query * medium
-- session other background
INSERT INTO visit (id) VALUES (1);
-- main
-- innocent: a key that may be there is said to be so
-- repeat: 5
INSERT INTO visit (id) VALUES (1) ON DUPLICATE KEY UPDATE at = now();

-- case: an error now and then
-- limits: min_errors=1
-- expect passed
-- innocent: one of two hundred calls
-- session other background
INSERT INTO visit (id) VALUES (1);
-- main
-- repeat: 200
INSERT INTO visit (id) VALUES (0);
