-- case: a key that is no integer
-- expect: table shop.a low
-- expect: table shop.b high
CREATE TABLE a (id decimal(10, 0) PRIMARY KEY);
CREATE TABLE b (id double PRIMARY KEY);
-- innocent: more digits than a bigint holds
CREATE TABLE c (id decimal(30, 0) PRIMARY KEY);
