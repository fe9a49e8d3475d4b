-- case: times to come
-- expect: column shop.contract.valid_until low likely
-- expect: column shop.tariff.valid_to low likely
CREATE TABLE contract (id int PRIMARY KEY, valid_until timestamp NULL, created_at timestamp NULL);
CREATE TABLE tariff (id int PRIMARY KEY, valid_to timestamp NULL, valid_from timestamp NULL);
-- innocent: ends within the day
CREATE TABLE session (id int PRIMARY KEY, expires_at timestamp NULL);
-- innocent: a type without that end
CREATE TABLE licence (id int PRIMARY KEY, expires_at datetime);
-- innocent: the moment of a change
CREATE TABLE note (id int PRIMARY KEY, due_set_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);

-- case: tables may not be seen
-- as: nobody
-- expect not-assessed
CREATE TABLE t (id int PRIMARY KEY);
