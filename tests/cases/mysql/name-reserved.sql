-- case: words of the language
-- expect: schema shop info
CREATE TABLE `order` (id int PRIMARY KEY, `Key` varchar(20), `rank` int);
-- innocent: near to them
CREATE TABLE orders (id int PRIMARY KEY, key_name varchar(20), user varchar(20), status int);

-- case: a column that returns something else
-- expect: schema shop low
CREATE TABLE rate (id int PRIMARY KEY, `current_date` date);

-- case: words that are free
-- expect passed
CREATE TABLE orders (id int PRIMARY KEY, name varchar(20), user varchar(20), status int, type int, date date);
