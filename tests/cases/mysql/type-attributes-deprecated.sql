-- case: digits and zeros
-- engine: mysql
-- expect: table shop.invoice low
-- expect: table shop.product low
CREATE TABLE invoice (id int(8) ZEROFILL PRIMARY KEY, amount float(7, 2));
CREATE TABLE product (id int PRIMARY KEY, price decimal(10, 2) unsigned);
-- innocent: an exact number
CREATE TABLE payment (id int unsigned PRIMARY KEY, amount decimal(7, 2), weight float);

-- case: digits and zeros, where nobody means to take them away
-- engine: mariadb
-- expect: table shop.invoice info
CREATE TABLE invoice (id int(8) ZEROFILL PRIMARY KEY, amount float(7, 2));
-- innocent: a sound declaration there
CREATE TABLE product (id int PRIMARY KEY, price decimal(10, 2) unsigned);
