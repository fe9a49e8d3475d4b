-- case: rights of the owner, path of the caller
-- own server
-- as: nobody
-- expect: function app.give_credit high
-- expect: function app.purge high
-- expect: function app.audit_row high
-- expect: function app.report medium
-- expect: function app.of_the_app medium
-- expect: function app.quiet low
-- expect: function app.only_timeout high
-- expect: function app.overloaded high
-- expect: function app.overloaded high
-- innocent: safe fixes its path, plain runs as its caller, bound resolved its names at creation,
-- innocent: empty_path fixes the path to nothing, aggregate and extension functions are not ours
CREATE ROLE app_owner LOGIN;
CREATE SCHEMA app;
CREATE TABLE app.accounts (id bigint PRIMARY KEY, credit numeric);
CREATE FUNCTION app.give_credit(bigint) RETURNS void LANGUAGE sql SECURITY DEFINER AS
  'UPDATE app.accounts SET credit = 0 WHERE id = $1';
CREATE PROCEDURE app.purge() LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN DELETE FROM app.accounts; END';
CREATE FUNCTION app.audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NULL; END';
REVOKE EXECUTE ON FUNCTION app.audit_row FROM PUBLIC;
CREATE FUNCTION app.report() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION app.report FROM PUBLIC;
CREATE FUNCTION app.of_the_app() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
ALTER FUNCTION app.of_the_app OWNER TO app_owner;
CREATE FUNCTION app.quiet() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
ALTER FUNCTION app.quiet OWNER TO app_owner;
REVOKE EXECUTE ON FUNCTION app.quiet FROM PUBLIC;
CREATE FUNCTION app.only_timeout() RETURNS int LANGUAGE sql SECURITY DEFINER SET statement_timeout = '1s' AS 'SELECT 1';
CREATE FUNCTION app.overloaded(int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
CREATE FUNCTION app.overloaded(text) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
CREATE FUNCTION app.safe() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = app, pg_temp AS 'SELECT 1';
CREATE FUNCTION app.empty_path() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
CREATE FUNCTION app.plain() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.bound() RETURNS bigint LANGUAGE sql SECURITY DEFINER 
  BEGIN ATOMIC SELECT count(*) FROM app.accounts; END;
CREATE AGGREGATE app.longest(text) (SFUNC = textcat, STYPE = text);
CREATE EXTENSION pg_stat_statements;

-- case: no functions at all
-- innocent: an empty database
-- expect not-applicable
SELECT 1;
