-- case: clients send files when a statement asks them
-- expect: setting local_infile low
SET GLOBAL local_infile = ON;

-- case: switched off
-- expect passed
-- innocent: files of the server itself are another matter
SET GLOBAL local_infile = OFF;
