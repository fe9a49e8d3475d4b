-- case: digits and zeros
-- engine: mysql
-- expect: table shop.invoice low
CREATE TABLE invoice (id int(8) ZEROFILL PRIMARY KEY, amount float(7, 2));
-- innocent: an exact number
CREATE TABLE payment (id int PRIMARY KEY, amount decimal(7, 2), weight float);

-- case: digits and zeros, where nobody means to take them away
-- engine: mariadb
-- expect: table shop.invoice info
CREATE TABLE invoice (id int(8) ZEROFILL PRIMARY KEY, amount float(7, 2));
