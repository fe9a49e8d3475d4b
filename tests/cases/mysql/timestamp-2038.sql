-- case: what ends far ahead
-- expect: column shop.licence.expires_at
-- expect: column shop.tariff.valid_to
CREATE TABLE licence (id int PRIMARY KEY, expires_at timestamp NULL, created_at timestamp NULL);
CREATE TABLE tariff (id int PRIMARY KEY, valid_to timestamp NULL, valid_from timestamp NULL);
-- innocent: ends within the day
CREATE TABLE session (id int PRIMARY KEY, expires_at timestamp NULL);
-- innocent: a type that goes on
CREATE TABLE contract (id int PRIMARY KEY, expires_at datetime, due date);
