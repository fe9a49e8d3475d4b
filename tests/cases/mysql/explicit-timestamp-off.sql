-- case: columns that change by themselves
-- expect: setting explicit_defaults_for_timestamp low
SET GLOBAL explicit_defaults_for_timestamp = OFF;

-- case: as both products have it by now
-- expect passed
-- innocent: a default that somebody wrote
CREATE TABLE t (id int PRIMARY KEY, at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
