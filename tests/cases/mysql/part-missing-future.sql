-- case: ranges of time that are over
-- expect: table shop.by_day critical certain
-- expect: table shop.by_year low possible
-- expect: table shop.by_moment low possible
-- expect: table shop.by_bound low possible
CREATE TABLE by_year (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (year(at)) (
  PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN (2021), PARTITION later VALUES LESS THAN MAXVALUE);
CREATE TABLE by_day (id int NOT NULL, at datetime NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (to_days(at)) (
  PARTITION p0 VALUES LESS THAN (to_days('2020-01-01')), PARTITION p1 VALUES LESS THAN (to_days('2020-02-01')));
INSERT INTO by_day VALUES (1, '2020-01-15'), (2, '2019-12-15');
CREATE TABLE by_moment (id int NOT NULL, at timestamp NOT NULL, PRIMARY KEY (id, at))
  PARTITION BY RANGE (unix_timestamp(at)) (PARTITION p0 VALUES LESS THAN (1577836800),
  PARTITION p1 VALUES LESS THAN (1580515200));
CREATE TABLE by_bound (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE COLUMNS (at) (
  PARTITION p0 VALUES LESS THAN ('2020-01-01'), PARTITION p1 VALUES LESS THAN ('2020-02-01'));
-- innocent: years ahead
CREATE TABLE ahead (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (year(at)) (
  PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN (2150));
-- innocent: no time at all
CREATE TABLE numbers (id int NOT NULL PRIMARY KEY) PARTITION BY RANGE (id) (
  PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
-- innocent: no ranges
CREATE TABLE hashed (id int NOT NULL PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 4;
