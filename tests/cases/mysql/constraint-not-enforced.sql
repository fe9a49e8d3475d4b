-- case: a check that nobody makes
-- engine: mysql
-- expect: constraint shop.t.positive medium
CREATE TABLE t (id int PRIMARY KEY, total int, CONSTRAINT positive CHECK (total > 0) NOT ENFORCED);

-- case: checks and references that are kept
-- expect passed
CREATE TABLE p (id int PRIMARY KEY);
-- innocent: enforced, which is the default
CREATE TABLE t (id int PRIMARY KEY, p_id int, total int, CONSTRAINT positive CHECK (total > 0),
  FOREIGN KEY (p_id) REFERENCES p (id));
