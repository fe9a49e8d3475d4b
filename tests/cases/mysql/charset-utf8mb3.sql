-- case: emoji would not fit
-- expect: schema shop low
CREATE TABLE comment (id int PRIMARY KEY, body varchar(200) CHARACTER SET utf8mb3);
CREATE TABLE reaction (id int PRIMARY KEY, what varchar(20)) CHARACTER SET utf8mb3;

-- case: beside columns that hold everything
-- expect: schema shop medium
CREATE TABLE comment (id int PRIMARY KEY, body varchar(200) CHARACTER SET utf8mb3, title varchar(20));

-- case: other character sets
-- expect passed
-- innocent: all of Unicode, and codes
CREATE TABLE comment (id int PRIMARY KEY, body varchar(200), hash char(32) CHARACTER SET ascii, at datetime);
