-- case: formats of old
-- expect: table shop.packed low
-- expect: table shop.old info
CREATE TABLE packed (id int PRIMARY KEY, body text) ROW_FORMAT = COMPRESSED;
CREATE TABLE old (id int PRIMARY KEY, body text) ROW_FORMAT = COMPACT;
-- innocent: the default
CREATE TABLE usual (id int PRIMARY KEY, body text);
-- innocent: another engine has other formats
CREATE TABLE other (id int PRIMARY KEY) ENGINE = MyISAM ROW_FORMAT = FIXED;
