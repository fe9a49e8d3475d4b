-- case: fifty columns
-- expect: table shop.wide
-- limits: columns=5 many=100
CREATE TABLE wide (id int PRIMARY KEY, a int, b int, c int, d int);
-- innocent: one column fewer
CREATE TABLE narrow (id int PRIMARY KEY, a int, b int, c int);
