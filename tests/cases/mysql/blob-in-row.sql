-- case: files in rows
-- limits: min_bytes=1000000
-- expect: column shop.document.content low likely
CREATE TABLE few (n int PRIMARY KEY);
INSERT INTO few VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10);
CREATE TABLE document (id int AUTO_INCREMENT PRIMARY KEY, name varchar(40), sha binary(32), content mediumblob);
INSERT INTO document (name, content) SELECT 'x', repeat('ab', 20000) FROM few a JOIN few b;
ANALYZE TABLE document;
-- innocent: hashes are small
CREATE TABLE secret (id int AUTO_INCREMENT PRIMARY KEY, value varbinary(64), small blob);
INSERT INTO secret (value, small) SELECT 'x', repeat('a', 100) FROM few a JOIN few b JOIN few c;
ANALYZE TABLE secret;
-- innocent: which of the two it is nobody knows
CREATE TABLE letter (id int AUTO_INCREMENT PRIMARY KEY, text longtext, scan longblob);
INSERT INTO letter (text) SELECT repeat('ab', 20000) FROM few a JOIN few b;
ANALYZE TABLE letter;

-- case: few bytes in all
-- expect passed
CREATE TABLE document (id int AUTO_INCREMENT PRIMARY KEY, content mediumblob);
INSERT INTO document (content) VALUES (repeat('ab', 20000));
ANALYZE TABLE document;

-- case: which of its columns holds the bytes
-- limits: min_bytes=1000000
-- expect not-assessed
CREATE TABLE letter (front longblob, back longblob);
INSERT INTO letter (front) WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 99)
  SELECT repeat('ab', 20000) FROM s;
ANALYZE TABLE letter;
