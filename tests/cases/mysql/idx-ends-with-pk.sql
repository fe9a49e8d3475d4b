-- case: what InnoDB appends anyway
-- expect: index shop.t.by_n_and_id info
-- innocent: the key comes first, or the index keeps a rule
CREATE TABLE t (id int PRIMARY KEY, n int, m int, KEY by_n_and_id (n, id),
  KEY by_id_and_n (id, n),
  UNIQUE KEY one (m, id));
-- innocent: an engine that appends nothing
CREATE TABLE other (id int PRIMARY KEY, n int, KEY by_n_and_id (n, id)) ENGINE = MyISAM;

-- case: tables may not be seen
-- as: nobody
-- expect not-assessed
CREATE TABLE t (id int PRIMARY KEY);
