-- case: nobody reads or writes it
-- limits: min_bytes=1 min_days=0
-- expect: table shop.old
CREATE TABLE old (id int PRIMARY KEY);
-- innocent: somebody reads it
CREATE TABLE used (id int PRIMARY KEY);
INSERT INTO used VALUES (1);
-- repeat: 3
SELECT * FROM used WHERE id = 1;

-- case: userstat counts as well
-- engine: mariadb
-- server: performance_schema=OFF userstat=ON
-- limits: min_bytes=1 min_days=0
-- expect: table shop.old
-- expect: table shop.filled
CREATE TABLE old (id int PRIMARY KEY);
CREATE TABLE filled (id int PRIMARY KEY);
INSERT INTO filled VALUES (1), (2);
-- innocent: somebody reads it
CREATE TABLE used (id int PRIMARY KEY);
INSERT INTO used VALUES (1);
-- repeat: 3
SELECT * FROM used WHERE id = 1;

-- case: counted for too short a time
-- limits: min_bytes=1
-- expect not-assessed
-- innocent: a server that has just been started
CREATE TABLE old (id int PRIMARY KEY);
