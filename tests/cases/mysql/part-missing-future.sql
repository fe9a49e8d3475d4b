-- case: the last partition has ended
-- expect: table shop.by_day critical certain
-- expect: table shop.by_year critical certain
-- expect: table shop.by_column critical certain
-- expect: table shop.by_second critical certain
-- expect: table shop.caught medium certain
-- expect: table shop.closed low possible
CREATE TABLE by_day (id int NOT NULL, at datetime NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (to_days(at))
  (PARTITION p1 VALUES LESS THAN (to_days('2020-01-01')), PARTITION p2 VALUES LESS THAN (to_days('2020-02-01')));
CREATE TABLE by_year (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (year(day))
  (PARTITION p1 VALUES LESS THAN (2019), PARTITION p2 VALUES LESS THAN (2020));
CREATE TABLE by_column (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE COLUMNS (day)
  SUBPARTITION BY HASH (id) SUBPARTITIONS 2
  (PARTITION p1 VALUES LESS THAN ('2020-01-01'), PARTITION p2 VALUES LESS THAN ('2020-02-01'));
CREATE TABLE by_second (id int NOT NULL, at timestamp NOT NULL, PRIMARY KEY (id, at))
  PARTITION BY RANGE (unix_timestamp(at)) (PARTITION p1 VALUES LESS THAN (unix_timestamp('2020-01-01 00:00:00')));
CREATE TABLE caught (id int NOT NULL, at datetime NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (to_days(at))
  (PARTITION p1 VALUES LESS THAN (to_days('2020-01-01')), PARTITION p2 VALUES LESS THAN (to_days('2020-02-01')),
   PARTITION rest VALUES LESS THAN MAXVALUE);
CREATE TABLE closed (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (year(day))
  (PARTITION p1 VALUES LESS THAN (2019), PARTITION p2 VALUES LESS THAN (2020));
INSERT INTO by_day VALUES (1, '2019-05-05');
INSERT INTO by_year VALUES (1, '2018-05-05');
INSERT INTO by_column VALUES (1, '2019-05-05');
INSERT INTO by_second VALUES (1, '2019-05-05 00:00:00');
INSERT INTO caught VALUES (1, '2019-05-05'), (2, now());
-- innocent: the next periods are there
CREATE TABLE ahead (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (to_days(day))
  (PARTITION p1 VALUES LESS THAN (to_days('2020-01-01')), PARTITION p2 VALUES LESS THAN (to_days('2099-01-01')));
INSERT INTO ahead VALUES (1, '2019-05-05');
-- innocent: numbers are no time
CREATE TABLE by_number (id int NOT NULL PRIMARY KEY) PARTITION BY RANGE (id)
  (PARTITION p1 VALUES LESS THAN (100), PARTITION p2 VALUES LESS THAN (200));
INSERT INTO by_number VALUES (1);
-- innocent: no ranges
CREATE TABLE hashed (id int NOT NULL PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 4;

-- case: a function that is not understood
-- expect not-assessed
CREATE TABLE by_month (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day))
  PARTITION BY RANGE (year(day) * 100 + month(day)) (PARTITION p1 VALUES LESS THAN (202001), PARTITION p2 VALUES LESS THAN (202002));

-- case: an account that sees nothing of it
-- as: nobody
-- expect not-assessed
CREATE TABLE by_year (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (year(day))
  (PARTITION p1 VALUES LESS THAN (2019), PARTITION p2 VALUES LESS THAN (2020));
