-- case: many
-- limits: members=4
-- expect: column shop.orders.state low
-- innocent: a few
CREATE TABLE orders (id int PRIMARY KEY, state enum('new', 'paid', 'it''s sent', 'gone'),
  size enum('s', 'm', 'l'));

-- case: tables may not be seen
-- as: nobody
-- expect not-assessed
CREATE TABLE t (id int PRIMARY KEY);
