-- case: a UUID written out
-- expect: column shop.session.id
CREATE TABLE session (id char(36) NOT NULL PRIMARY KEY, at datetime);
-- innocent: sixteen bytes are what it needs
CREATE TABLE token (id binary(16) NOT NULL PRIMARY KEY, at datetime);
-- innocent: a name is no UUID
CREATE TABLE country (code varchar(2) NOT NULL PRIMARY KEY);
