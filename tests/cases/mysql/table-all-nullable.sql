-- case: nothing is mandatory
-- expect: table shop.person
CREATE TABLE person (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50), street varchar(50), city varchar(50), born date);
-- innocent: the name is
CREATE TABLE company (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50) NOT NULL, street varchar(50), city varchar(50), since date);
