-- case: dates of zeros
-- expect: column shop.customer.left_on medium
-- expect: column shop.customer.seen_at medium
SET SESSION sql_mode = '';
-- innocent: a date that is there, and a text that looks like one of zeros
CREATE TABLE customer (id int PRIMARY KEY, left_on date NOT NULL DEFAULT '0000-00-00',
  seen_at datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  joined date NOT NULL DEFAULT '2020-01-01', at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  code varchar(10) NOT NULL DEFAULT '0000-00-00');

-- case: tables may not be seen
-- as: nobody
-- expect not-assessed
CREATE TABLE t (id int PRIMARY KEY);
