-- case: prices with a period
-- expect: table shop.price medium likely
CREATE EXTENSION btree_gist;
CREATE SCHEMA shop;
CREATE TABLE shop.price (product bigint, valid_from date, valid_to date, amount numeric, PRIMARY KEY (product, valid_from));
-- innocent: overlaps are excluded
CREATE TABLE shop.rate (product bigint, valid_from date, valid_to date, amount numeric, PRIMARY KEY (product, valid_from),
  EXCLUDE USING gist (product WITH =, daterange(valid_from, valid_to) WITH &&));
-- innocent: nothing says that one row holds at a time
CREATE TABLE shop.campaign (id bigint PRIMARY KEY, product bigint, valid_from date, valid_to date);
-- innocent: each period ends where the next begins
CREATE TABLE shop.level (product bigint, valid_from date, amount numeric, PRIMARY KEY (product, valid_from));
-- innocent: a trigger may look
CREATE FUNCTION shop.look() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TABLE shop.watched (product bigint, valid_from date, valid_until date, PRIMARY KEY (product, valid_from));
CREATE TRIGGER look BEFORE INSERT OR UPDATE ON shop.watched FOR EACH ROW EXECUTE FUNCTION shop.look();

-- case: the key of version 18
-- versions: 18-
-- innocent: it forbids overlaps itself
-- expect passed
CREATE EXTENSION btree_gist;
CREATE TABLE price (product bigint, valid_from date, valid_to date, during daterange, UNIQUE (product, valid_from),
  PRIMARY KEY (product, during WITHOUT OVERLAPS));
