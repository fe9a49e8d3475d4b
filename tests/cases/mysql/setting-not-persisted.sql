-- case: set in a session, for all
-- own server
-- expect: server server low
SET GLOBAL max_connections = 152;

-- case: set for one session, or when the server started
-- own server
-- server: max_connections=152
-- expect passed
-- innocent: a session that sets something for itself
-- session report
SET SESSION sort_buffer_size = 4194304;
-- main
SELECT 1;
