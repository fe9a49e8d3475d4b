-- case: on and off
-- as: nobody
-- expect: event-trigger watch_ddl info
-- innocent: asleep is disabled
CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION noticed();
CREATE EVENT TRIGGER asleep ON sql_drop EXECUTE FUNCTION noticed();
ALTER EVENT TRIGGER asleep DISABLE;

-- case: none
-- innocent: an ordinary trigger is none
-- expect not-applicable
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION nothing();
