-- case: a reference to one of several tables
-- expect: table shop.comment
CREATE TABLE comment (id int PRIMARY KEY, subject_type varchar(50) NOT NULL, subject_id int NOT NULL);
-- innocent: a kind without an identifier
CREATE TABLE product (id int PRIMARY KEY, product_type varchar(50));
