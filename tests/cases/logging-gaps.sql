-- case: the defaults of an older server
-- server: log_checkpoints=off log_autovacuum_min_duration=-1
-- expect: server server medium
SELECT 1;

-- case: only the temporary files are missing
-- server: log_min_duration_statement=500 log_lock_waits=on log_checkpoints=on log_autovacuum_min_duration=10000
-- expect: server server low
SELECT 1;

-- case: all on
-- server: log_min_duration_statement=500 log_lock_waits=on log_temp_files=1024 log_checkpoints=on log_autovacuum_min_duration=10000
-- innocent: thresholds of the team's own choice
-- expect passed
SELECT 1;

-- case: slow statements are sampled, not logged outright
-- server: log_min_duration_sample=100 log_lock_waits=on log_temp_files=0 log_checkpoints=on log_autovacuum_min_duration=0
-- innocent: sampling serves the same purpose
-- expect passed
SELECT 1;
