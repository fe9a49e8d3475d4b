CREATE TABLE few (n int PRIMARY KEY);
INSERT INTO few VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11);

-- case: the automatic statistics of a table are off
-- after: 1 days
-- limits: min_rows=1000
-- expect: table "shop.we ird" low
-- innocent: analysed after the change; hardly changed; small
CREATE TABLE `we ird` (id int AUTO_INCREMENT PRIMARY KEY, n int NOT NULL, KEY by_n (n)) STATS_AUTO_RECALC = 0;
INSERT INTO `we ird` (n) SELECT 1 FROM few a JOIN few b JOIN few c;
ANALYZE TABLE `we ird`;
SELECT count(*) FROM `we ird`;
UPDATE `we ird` SET n = 2 WHERE id <= 700;
CREATE TABLE fresh (id int AUTO_INCREMENT PRIMARY KEY, n int NOT NULL, KEY by_n (n)) STATS_AUTO_RECALC = 0;
INSERT INTO fresh (n) SELECT n FROM `we ird`;
UPDATE fresh SET n = 2;
ANALYZE TABLE fresh;
SELECT count(*) FROM fresh;
UPDATE fresh SET n = 3 WHERE id <= 200;
CREATE TABLE small (id int AUTO_INCREMENT PRIMARY KEY, n int NOT NULL) STATS_AUTO_RECALC = 0;
ANALYZE TABLE small;
SELECT count(*) FROM small;
INSERT INTO small (n) SELECT n FROM few;

-- case: of partitions MySQL does not tell
-- engine: mysql
-- after: 1 days
-- limits: min_rows=1000
-- expect not-assessed
DROP TABLE few;
CREATE TABLE parts (id int AUTO_INCREMENT PRIMARY KEY, n int NOT NULL) STATS_AUTO_RECALC = 0
  PARTITION BY HASH (id) PARTITIONS 3;
INSERT INTO parts (n) WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 1000)
  SELECT a.n FROM s a JOIN (SELECT 1 UNION SELECT 2) b;
ANALYZE TABLE parts;
UPDATE parts SET n = 2;

-- case: a partitioned table
-- engine: mariadb
-- after: 1 days
-- limits: min_rows=1000
-- expect: table shop.parts
CREATE TABLE parts (id int AUTO_INCREMENT PRIMARY KEY, n int NOT NULL) STATS_AUTO_RECALC = 0
  PARTITION BY HASH (id) PARTITIONS 3;
INSERT INTO parts (n) SELECT 1 FROM few a JOIN few b JOIN few c;
ANALYZE TABLE parts;
SELECT count(*) FROM parts;
UPDATE parts SET n = 2 WHERE id <= 700;

-- case: a load that has just ended
-- limits: min_rows=1000
-- expect passed
CREATE TABLE loaded (id int AUTO_INCREMENT PRIMARY KEY, n int NOT NULL) STATS_AUTO_RECALC = 0;
INSERT INTO loaded (n) SELECT 1 FROM few a JOIN few b JOIN few c;
ANALYZE TABLE loaded;
SELECT count(*) FROM loaded;
UPDATE loaded SET n = 2;

-- case: the counters may not be seen
-- as: SELECT ON shop.*; SHOW VIEW ON shop.*; SELECT ON mysql.innodb_index_stats
-- expect not-assessed
SELECT 1;
