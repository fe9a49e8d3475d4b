-- case: unconfined
-- full build
-- as: nobody
-- expect: function public.read_anything medium
-- expect: function public.admin_tool low
-- innocent: plain is SQL, trusted PL/pgSQL, compiled is C, and the handlers belong to the language's extension
CREATE EXTENSION plpython3u;
CREATE FUNCTION read_anything(path text) RETURNS text LANGUAGE plpython3u AS 'return open(path).read()';
CREATE FUNCTION admin_tool() RETURNS text LANGUAGE plpython3u AS 'return 1';
REVOKE EXECUTE ON FUNCTION admin_tool FROM PUBLIC;
CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION trusted() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION compiled(text) RETURNS text LANGUAGE internal AS 'upper';
