-- case: a log that repeats itself
-- expect: table shop.event_log
CREATE TABLE event_log (at datetime NOT NULL, what varchar(100), KEY (at));
-- innocent: a unique key over a nullable column still keeps values apart
CREATE TABLE coupon (code varchar(20) UNIQUE, percent int);
-- innocent: a primary key
CREATE TABLE customer (id int AUTO_INCREMENT PRIMARY KEY);
