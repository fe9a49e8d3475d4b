-- case: an address as a key
-- expect: table shop.account low likely
CREATE SCHEMA shop;
CREATE TABLE shop.account (email text PRIMARY KEY, name text);
CREATE TABLE shop.session (id bigint PRIMARY KEY, account_email text REFERENCES shop.account);
-- innocent: nothing refers to it
CREATE TABLE shop.unsubscribed (email text PRIMARY KEY);
-- innocent: codes do not change
CREATE TABLE shop.country (code char(2) PRIMARY KEY, name text);
CREATE TABLE shop.address (id bigint PRIMARY KEY, country char(2) REFERENCES shop.country);
-- innocent: an address that is unique beside a key
CREATE TABLE shop.person (id bigint PRIMARY KEY, email text UNIQUE);
CREATE TABLE shop.visit (id bigint PRIMARY KEY, person bigint REFERENCES shop.person);
-- innocent: a number that is called login
CREATE TABLE shop.terminal (login bigint PRIMARY KEY);
CREATE TABLE shop.shift (id bigint PRIMARY KEY, login bigint REFERENCES shop.terminal);
