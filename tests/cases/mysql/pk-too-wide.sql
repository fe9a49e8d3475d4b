-- case: a wide key that every index repeats
-- expect: table shop.page
CREATE TABLE page (host varchar(100) NOT NULL, path varchar(100) NOT NULL, lang char(5) NOT NULL, edition int NOT NULL,
  title varchar(100), seen datetime, PRIMARY KEY (host, path, lang, edition), KEY (title), KEY (seen));
-- innocent: a number
CREATE TABLE visit (id int PRIMARY KEY, host varchar(255) NOT NULL, seen datetime, KEY (seen));
