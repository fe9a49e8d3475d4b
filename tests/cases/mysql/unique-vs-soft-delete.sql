-- case: a deleted account keeps its address
-- expect: index shop.account.one_email
CREATE TABLE account (id int AUTO_INCREMENT PRIMARY KEY, email varchar(100) NOT NULL, deleted_at datetime,
  UNIQUE KEY one_email (email));
-- innocent: the key knows the mark
CREATE TABLE member (id int AUTO_INCREMENT PRIMARY KEY, email varchar(100) NOT NULL, deleted_at datetime,
  UNIQUE KEY one_email (email, deleted_at));
-- innocent: rows are really deleted
CREATE TABLE guest (id int AUTO_INCREMENT PRIMARY KEY, email varchar(100) NOT NULL UNIQUE);
