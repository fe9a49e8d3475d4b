-- case: many
-- limits: members=4 of_set=3
-- expect: column shop.orders.state low
-- expect: column shop.orders.flags low
-- innocent: a few
CREATE TABLE orders (id int PRIMARY KEY, state enum('new', 'paid', 'it''s sent', 'gone'),
  size enum('s', 'm', 'l'), flags set('gift', 'rush', 'late'), marks set('x', 'y'));

-- case: tables may not be seen
-- as: nobody
-- expect not-assessed
CREATE TABLE t (id int PRIMARY KEY);
