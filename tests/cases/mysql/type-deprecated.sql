-- case: types of old
-- engine: mysql
-- expect: schema shop
CREATE TABLE product (id int PRIMARY KEY, price double unsigned, weight float(7, 4), number int(5) ZEROFILL);
-- innocent: plain ones
CREATE TABLE plain (id int unsigned PRIMARY KEY, price decimal(10, 2), weight double, share float);

-- case: nothing of the kind
-- engine: mysql
-- expect passed
CREATE TABLE plain (id int unsigned PRIMARY KEY, price decimal(10, 2), weight double, share float);
