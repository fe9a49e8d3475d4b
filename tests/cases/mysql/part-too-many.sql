-- case: a partition for each day of years
-- limits: many=8
-- expect: table shop.reading
CREATE TABLE reading (id int NOT NULL, PRIMARY KEY (id)) PARTITION BY HASH (id) PARTITIONS 8;
-- innocent: a few
CREATE TABLE event (id int NOT NULL, PRIMARY KEY (id)) PARTITION BY HASH (id) PARTITIONS 7;
