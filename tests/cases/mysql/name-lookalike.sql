-- case: singular and plural
-- expect: table shop.*
CREATE TABLE customer (id int PRIMARY KEY);
CREATE TABLE customers (id int PRIMARY KEY);
-- innocent: other words
CREATE TABLE custody (id int PRIMARY KEY);
