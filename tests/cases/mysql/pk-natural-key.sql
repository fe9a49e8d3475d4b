-- case: an address as key
-- expect: table shop.user_account
CREATE TABLE user_account (email varchar(100) PRIMARY KEY);
CREATE TABLE post (id int PRIMARY KEY, email varchar(100), FOREIGN KEY (email) REFERENCES user_account (email));
-- innocent: codes of countries do not change
CREATE TABLE country (code char(2) PRIMARY KEY);
CREATE TABLE city (id int PRIMARY KEY, code char(2), FOREIGN KEY (code) REFERENCES country (code));
