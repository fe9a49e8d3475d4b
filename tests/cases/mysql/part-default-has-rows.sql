-- case: rows beyond the last bound
-- expect: partition shop.caught.rest medium
CREATE TABLE caught (id int NOT NULL, at datetime NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (to_days(at))
  (PARTITION p1 VALUES LESS THAN (to_days('2020-01-01')), PARTITION p2 VALUES LESS THAN (to_days('2020-02-01')),
   PARTITION rest VALUES LESS THAN MAXVALUE);
INSERT INTO caught VALUES (1, '2019-05-05'), (2, '2021-01-01'), (3, '2022-01-01');
-- innocent: the open partition is empty
CREATE TABLE ahead (id int NOT NULL, at datetime NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (to_days(at))
  (PARTITION p1 VALUES LESS THAN (to_days('2020-01-01')), PARTITION p2 VALUES LESS THAN (to_days('2020-02-01')),
   PARTITION rest VALUES LESS THAN MAXVALUE);
INSERT INTO ahead VALUES (1, '2019-05-05'), (2, '2019-05-06');
-- innocent: what is old, and what is current
CREATE TABLE split (id int NOT NULL, at datetime NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (to_days(at))
  (PARTITION old VALUES LESS THAN (to_days('2020-01-01')), PARTITION current VALUES LESS THAN MAXVALUE);
INSERT INTO split VALUES (1, '2019-05-05'), (2, '2021-01-01'), (3, '2022-01-01');
ANALYZE TABLE caught, ahead, split;

-- case: what MariaDB writes of a list's DEFAULT cannot be told from a value
-- engine: mariadb
-- expect nothing
CREATE TABLE place (id int NOT NULL, region int NOT NULL, PRIMARY KEY (id, region)) PARTITION BY LIST (region)
  (PARTITION a VALUES IN (1), PARTITION b VALUES IN (2), PARTITION others DEFAULT);
INSERT INTO place VALUES (1, 1), (2, 3), (3, 4);
ANALYZE TABLE place;
