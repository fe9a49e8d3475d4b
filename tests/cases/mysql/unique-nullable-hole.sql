-- case: the same name twice at the top level
-- expect: index shop.folder.one_name
CREATE TABLE folder (id int PRIMARY KEY, parent_id int, name varchar(20) NOT NULL, UNIQUE KEY one_name (parent_id, name));

-- case: every part is mandatory
-- expect passed
-- innocent: no null, no hole
CREATE TABLE folder (id int PRIMARY KEY, parent_id int NOT NULL, name varchar(20) NOT NULL,
  UNIQUE KEY one_name (parent_id, name));
