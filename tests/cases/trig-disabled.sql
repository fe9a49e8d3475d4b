-- case: switched off
-- as: nobody
-- expect: trigger public.orders.audit_orders medium
-- expect: constraint public.lines.lines_order_id_fkey high
-- expect: trigger public.lines.touch_lines medium
-- innocent: stamp_orders fires, only_replica and always are meant so, notes keeps its foreign key's triggers
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TRIGGER audit_orders AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TRIGGER stamp_orders BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TRIGGER only_replica AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TRIGGER always AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION nothing();
ALTER TABLE orders DISABLE TRIGGER audit_orders;
ALTER TABLE orders ENABLE REPLICA TRIGGER only_replica;
ALTER TABLE orders ENABLE ALWAYS TRIGGER always;
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);
CREATE TRIGGER touch_lines AFTER INSERT ON lines FOR EACH STATEMENT EXECUTE FUNCTION nothing();
ALTER TABLE lines DISABLE TRIGGER ALL;
CREATE TABLE notes (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);
CREATE TRIGGER touch_notes AFTER INSERT ON notes FOR EACH STATEMENT EXECUTE FUNCTION nothing();
ALTER TABLE notes DISABLE TRIGGER USER;
ALTER TABLE notes ENABLE TRIGGER touch_notes;
