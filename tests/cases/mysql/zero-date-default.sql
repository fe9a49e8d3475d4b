-- case: a day that does not exist
-- expect: table shop.orders
SET SESSION sql_mode = '';
CREATE TABLE orders (id int PRIMARY KEY, shipped datetime NOT NULL DEFAULT '0000-00-00 00:00:00', paid date DEFAULT '0000-00-00');
-- innocent: days that exist, or none
CREATE TABLE visit (id int PRIMARY KEY, at datetime DEFAULT CURRENT_TIMESTAMP, day date DEFAULT '1970-01-01', noon date,
  code varchar(10) DEFAULT '0000-00-00');
