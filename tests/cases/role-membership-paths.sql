-- case: ways to a superuser's powers
-- own server
-- expect: role loader high
-- expect: role analyst high
-- expect: role trainee high
-- expect: role importer medium
-- innocent: watcher is a member of pg_monitor only, backup_agent reads files for backups, ops_files has no login,
-- innocent: chief is a superuser anyway, clerk reads all data, which is no way to the server
CREATE ROLE loader LOGIN;
GRANT pg_execute_server_program TO loader;
CREATE ROLE ops_files;
GRANT pg_write_server_files TO ops_files;
CREATE ROLE data_team IN ROLE ops_files;
CREATE ROLE analyst LOGIN IN ROLE data_team;
CREATE ROLE chief LOGIN SUPERUSER IN ROLE ops_files;
CREATE ROLE trainee LOGIN IN ROLE chief;
CREATE ROLE importer LOGIN IN ROLE pg_read_server_files;
CREATE ROLE watcher LOGIN IN ROLE pg_monitor;
CREATE ROLE backup_agent LOGIN IN ROLE pg_read_server_files;
CREATE ROLE clerk LOGIN IN ROLE pg_read_all_data, pg_signal_backend;

-- case: a group gives it to many
-- own server
-- as: nobody
-- expect: role etl high
-- innocent: the members of etl are told with it
CREATE ROLE etl IN ROLE pg_execute_server_program;
CREATE ROLE a LOGIN IN ROLE etl;
CREATE ROLE b LOGIN IN ROLE etl;
CREATE ROLE c LOGIN IN ROLE etl;
CREATE ROLE d LOGIN IN ROLE etl;

-- case: a membership that gives nothing
-- own server
-- versions: 16-
-- expect: role keeper high
-- innocent: empty neither inherits nor may set the role, and holder only inherits from the superuser
CREATE ROLE root LOGIN SUPERUSER;
CREATE ROLE empty LOGIN;
GRANT pg_execute_server_program TO empty WITH INHERIT FALSE, SET FALSE;
CREATE ROLE holder LOGIN;
GRANT root TO holder WITH INHERIT TRUE, SET FALSE;
CREATE ROLE keeper LOGIN;
GRANT root TO keeper WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
