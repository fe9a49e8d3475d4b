-- case: the counter feeds a column that is only indexed
-- expect: sequence shop.batch.number critical
CREATE TABLE batch (id bigint NOT NULL PRIMARY KEY, number tinyint unsigned NOT NULL AUTO_INCREMENT, KEY (number));
INSERT INTO batch VALUES (1, 250);
-- innocent: a counter of a key is judged with its key
CREATE TABLE kind (id tinyint NOT NULL AUTO_INCREMENT PRIMARY KEY, t varchar(10));
INSERT INTO kind VALUES (120, 'x');
