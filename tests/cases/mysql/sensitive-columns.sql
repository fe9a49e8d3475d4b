-- case: a password as it was typed
-- expect: column shop.user_account.password
-- innocent: a hash
CREATE TABLE user_account (id int PRIMARY KEY, password varchar(40),
  password_hash varchar(100));
-- innocent: an identifier of another table
CREATE TABLE reset (id int PRIMARY KEY, token_id int);
