-- case: a group in columns
-- expect: table shop.person
CREATE TABLE person (id int PRIMARY KEY, phone1 varchar(20), phone2 varchar(20), phone3 varchar(20));
-- innocent: lines of an address are no group
CREATE TABLE place (id int PRIMARY KEY, address_line1 varchar(50), address_line2 varchar(50), address_line3 varchar(50));
