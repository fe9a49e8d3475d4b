-- case: plain indexes beside the primary key, a constraint, a unique index
-- expect: index shop.users_id_idx low certain
-- expect: index shop.users_email_idx
-- expect: index shop.users_handle_plain
-- expect: index shop.memberships_plain
-- expect: index shop.covering_plain
-- expect: index shop.places_place_idx
CREATE SCHEMA shop;
CREATE TABLE shop.users (id bigint PRIMARY KEY, email text UNIQUE, handle text, active boolean);
CREATE INDEX ON shop.users (id);
CREATE INDEX ON shop.users (email);
CREATE UNIQUE INDEX users_handle ON shop.users (lower(handle)) WHERE active;
CREATE INDEX users_handle_plain ON shop.users (lower(handle)) WHERE active;
CREATE TABLE shop.memberships (a bigint, b bigint, PRIMARY KEY (a, b));
CREATE INDEX memberships_plain ON shop.memberships (a, b);
CREATE TABLE shop.covering (id bigint PRIMARY KEY, a int, b int);
CREATE UNIQUE INDEX covering_unique ON shop.covering (a) INCLUDE (b);
CREATE INDEX covering_plain ON shop.covering (a);
CREATE TABLE shop.places (id bigint PRIMARY KEY, place int UNIQUE DEFERRABLE);
CREATE INDEX ON shop.places (place);

-- innocent: the plain index orders otherwise, covers other rows, carries more, or another method
CREATE TABLE shop.alike (id bigint PRIMARY KEY, code text UNIQUE, a int, b int, UNIQUE (a, b));
CREATE INDEX ON shop.alike (id) INCLUDE (code);
CREATE INDEX ON shop.alike (id DESC);
CREATE INDEX ON shop.alike (code text_pattern_ops);
CREATE INDEX ON shop.alike (code) WHERE a > 0;
CREATE INDEX ON shop.alike USING hash (code);
CREATE INDEX ON shop.alike (b, a);
-- innocent: the unique index covers only some rows
CREATE TABLE shop.partial (id bigint PRIMARY KEY, code text, live boolean);
CREATE UNIQUE INDEX ON shop.partial (code) WHERE live;
CREATE INDEX ON shop.partial (code);
-- innocent: equal plain indexes and a beginning of the key are other checks' business
CREATE TABLE shop.others (id bigint PRIMARY KEY, a int, b int, UNIQUE (a, b));
CREATE INDEX ON shop.others (a);
