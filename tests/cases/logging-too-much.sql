-- case: all of them
-- server: log_statement=all
-- expect: setting log_statement low certain
SELECT 1;

-- case: all of them, with their time
-- server: log_min_duration_statement=0
-- expect: setting log_min_duration_statement low certain
SELECT 1;

-- case: slow ones, a sample, and changes of the schema
-- server: log_statement=ddl log_min_duration_statement=200 log_min_duration_sample=0 log_statement_sample_rate=0.01
-- innocent: this is what to do
-- expect passed
SELECT 1;
