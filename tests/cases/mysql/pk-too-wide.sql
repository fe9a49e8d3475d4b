-- case: every index carries it
-- expect: table shop.visit
CREATE TABLE visit (url varchar(200) NOT NULL, agent varchar(200) NOT NULL, day date NOT NULL, hour int NOT NULL, n int, m int,
  PRIMARY KEY (url, agent, day, hour), KEY by_n (n), KEY by_m (m));
-- innocent: a number
CREATE TABLE page (id int PRIMARY KEY, url varchar(200) NOT NULL, n int, KEY by_n (n));
