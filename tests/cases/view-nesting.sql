-- case: a stack of views
-- expect: view shop.top low certain
CREATE SCHEMA shop;
CREATE TABLE shop.t (id int PRIMARY KEY, a int);
CREATE VIEW shop.one AS SELECT * FROM shop.t;
CREATE VIEW shop.two AS SELECT * FROM shop.one;
-- innocent: three levels, of which the stack is made
CREATE VIEW shop.three AS SELECT * FROM shop.two WHERE a > 0;
CREATE VIEW shop.aside AS SELECT two.id FROM shop.two JOIN shop.t USING (id);
CREATE VIEW shop.top AS SELECT three.id, one.a FROM shop.three JOIN shop.one USING (id);

-- case: views on tables
-- innocent: one level each
-- expect passed
CREATE TABLE t (id int);
CREATE VIEW v AS SELECT * FROM t;
