-- case: kept up to date for nobody
-- engine: mysql
-- expect: index shop.t.by_n low
-- expect: index shop.t.one info
-- innocent: the planner may use the other one
CREATE TABLE t (id int PRIMARY KEY, n int, m int, code int, KEY by_n (n) INVISIBLE,
  KEY by_m (m), UNIQUE KEY one (code) INVISIBLE);
-- innocent: the foreign key needs it
CREATE TABLE visit (id int PRIMARY KEY, t_id int, KEY by_t (t_id) INVISIBLE, FOREIGN KEY (t_id) REFERENCES t (id));

-- case: kept up to date for nobody, the other product
-- engine: mariadb
-- expect: index shop.t.by_n low
-- innocent: the planner may use the other one
CREATE TABLE t (id int PRIMARY KEY, n int, m int, KEY by_n (n) IGNORED,
  KEY by_m (m));
-- innocent: the foreign key needs it
CREATE TABLE visit (id int PRIMARY KEY, t_id int, KEY by_t (t_id) IGNORED, FOREIGN KEY (t_id) REFERENCES t (id));

-- case: tables may not be seen
-- as: nobody
-- expect not-assessed
CREATE TABLE t (id int PRIMARY KEY);
