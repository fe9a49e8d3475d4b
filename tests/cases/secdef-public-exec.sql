-- case: executable by default
-- own server
-- as: nobody
-- expect: function public.reset_counter medium possible
-- expect: function public.of_the_app low possible
-- innocent: mine was revoked from everybody, plain runs as its caller, row_changed is a trigger's function,
-- innocent: inner_api.tool stands in a schema that nobody else may use
CREATE ROLE app_owner LOGIN;
CREATE ROLE clerk LOGIN;
CREATE FUNCTION reset_counter() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
CREATE FUNCTION of_the_app(text, int) RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
ALTER FUNCTION of_the_app OWNER TO app_owner;
CREATE FUNCTION mine() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION mine FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mine TO clerk;
CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION row_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
  'BEGIN RETURN NULL; END';
CREATE SCHEMA inner_api;
CREATE FUNCTION inner_api.tool() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';

-- case: nobody else is there
-- own server
-- innocent: only the owner and superusers may log in
-- expect passed
CREATE ROLE app_owner LOGIN;
CREATE FUNCTION tool() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
ALTER FUNCTION tool OWNER TO app_owner;
