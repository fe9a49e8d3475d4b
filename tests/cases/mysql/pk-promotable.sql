-- case: a unique key over mandatory columns
-- expect: index shop.setting.name info
CREATE TABLE setting (name varchar(50) NOT NULL, value varchar(100), UNIQUE KEY name (name));
-- innocent: the unique key allows nulls, so that it names no row
CREATE TABLE coupon (code varchar(20) UNIQUE, percent int);
-- innocent: there is a primary key already
CREATE TABLE customer (id int AUTO_INCREMENT PRIMARY KEY, email varchar(100) NOT NULL UNIQUE);
