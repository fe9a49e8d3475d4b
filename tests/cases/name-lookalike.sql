-- case: twins
-- expect: table shop.client low likely
-- expect: table shop.visit low likely
CREATE SCHEMA shop;
CREATE TABLE shop.client (id bigint PRIMARY KEY, name text);
CREATE TABLE shop.clients (id bigint PRIMARY KEY, name text);
CREATE TABLE shop.visit (id bigint PRIMARY KEY, user_id bigint, userid bigint);
-- innocent: names that share a beginning
CREATE TABLE shop.address (id bigint PRIMARY KEY, line1 text, line2 text);
CREATE TABLE shop.address_book (id bigint PRIMARY KEY, address_id bigint, address text);
CREATE TABLE shop.status (id bigint PRIMARY KEY);
CREATE TABLE shop.stats (id bigint PRIMARY KEY);
-- innocent: the same name in another schema
CREATE SCHEMA archive;
CREATE TABLE archive.client (id bigint PRIMARY KEY);
CREATE TABLE archive.visits (id bigint PRIMARY KEY);
-- innocent: a plural of columns is a count or a list
CREATE TABLE shop.offer (id bigint PRIMARY KEY, item bigint, items bigint[]);
