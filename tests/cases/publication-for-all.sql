-- case: all tables
-- expect: replication everything low
CREATE TABLE a (id int PRIMARY KEY);
CREATE PUBLICATION everything FOR ALL TABLES;

-- case: a list of tables
-- innocent: chosen on purpose
-- expect passed
CREATE TABLE a (id int PRIMARY KEY);
CREATE PUBLICATION chosen FOR TABLE a;
