-- case: a malformed value in a file
-- own server
-- expect: server server medium
-- The server itself refuses to write this, so the file is edited as an administrator would.
COPY (SELECT 'work_mem = 4XB') TO PROGRAM 'cat >> postgresql.auto.conf';

-- case: sound files
-- innocent: the files of a fresh server
-- expect passed
SELECT 1;
