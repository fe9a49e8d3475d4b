-- case: the word and the value
-- expect: column shop.t.word
-- innocent: no value, written in four ways
CREATE TABLE t (id int PRIMARY KEY, word varchar(10) DEFAULT 'NULL',
  a varchar(10), b varchar(10) DEFAULT NULL, c varchar(10) DEFAULT '', d timestamp NULL DEFAULT CURRENT_TIMESTAMP);
