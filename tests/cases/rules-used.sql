-- case: rules
-- expect: rule shop.audit_log.keep medium certain
-- expect: rule shop.orders.copy low certain
-- expect: rule shop.big_orders.adding low certain
CREATE SCHEMA shop;
CREATE TABLE shop.audit_log (id bigint PRIMARY KEY, what text);
CREATE RULE keep AS ON DELETE TO shop.audit_log DO INSTEAD NOTHING;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, total numeric);
CREATE RULE copy AS ON INSERT TO shop.orders WHERE new.total > 100 DO ALSO INSERT INTO shop.audit_log VALUES (new.id, 'large');
-- innocent: the rule that makes a view
CREATE VIEW shop.big_orders AS SELECT * FROM shop.orders WHERE total > 100;
CREATE RULE adding AS ON INSERT TO shop.big_orders DO INSTEAD INSERT INTO shop.orders VALUES (new.id, new.total);
-- innocent: a view that the server updates itself
CREATE VIEW shop.all_orders AS SELECT * FROM shop.orders;
-- innocent: a rule that is switched off
CREATE TABLE shop.quiet (id bigint PRIMARY KEY);
CREATE RULE off AS ON DELETE TO shop.quiet DO INSTEAD NOTHING;
ALTER TABLE shop.quiet DISABLE RULE off;
-- innocent: a trigger
CREATE FUNCTION shop.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER note BEFORE INSERT ON shop.quiet FOR EACH ROW EXECUTE FUNCTION shop.note();
