-- case: words that need quotes
-- expect: database shop info
CREATE TABLE `order` (id int PRIMARY KEY, `key` varchar(10), `rows` int);

-- case: a column that returns something else
-- expect: database shop low
CREATE TABLE t (id int PRIMARY KEY, `current_date` date);

-- case: words that are free
-- expect passed
-- innocent: reserved elsewhere
CREATE TABLE user (id int PRIMARY KEY, end date, name varchar(10), type int, status int);

-- case: a word of one product
-- engine: mysql
-- expect: database shop info
CREATE TABLE t (id int PRIMARY KEY, `rank` int);

-- case: a word of the other product
-- engine: mariadb
-- expect passed
-- innocent: rank is free there
CREATE TABLE t (id int PRIMARY KEY, rank int);
