-- case: four layers
-- expect: view shop.fourth
CREATE TABLE base (id int PRIMARY KEY, name varchar(20));
CREATE VIEW first AS SELECT id, name FROM base;
CREATE VIEW second AS SELECT id, name FROM first;
CREATE VIEW third AS SELECT id FROM second WHERE name <> '`shop`.`base`';
CREATE VIEW fourth AS SELECT id FROM third;
-- innocent: a view that joins tables
CREATE VIEW pairs AS SELECT a.id FROM base a JOIN base b ON a.id = b.id;

-- case: without the texts of views nothing is said
-- as: SELECT ON shop.*
-- expect not-assessed
CREATE VIEW one AS SELECT 1 AS n;
