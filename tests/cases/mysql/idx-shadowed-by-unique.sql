-- case: a plain index beside a unique one
-- expect: index shop.customer.by_email
-- innocent: it begins like the unique one and goes on
CREATE TABLE customer (id int PRIMARY KEY, email varchar(100) NOT NULL, name varchar(100),
  UNIQUE KEY one_email (email), KEY by_email (email),
  KEY by_email_and_name (email, name));
