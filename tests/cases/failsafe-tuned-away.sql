-- case: nothing left between the vacuum and the limit
-- server: autovacuum_freeze_max_age=1900000000 vacuum_failsafe_age=2000000000
-- expect: setting autovacuum_freeze_max_age high certain
-- expect: setting vacuum_failsafe_age
CREATE TABLE t (id bigint PRIMARY KEY);

-- case: raised within reason
-- server: autovacuum_freeze_max_age=500000000 autovacuum_multixact_freeze_max_age=800000000
-- expect passed
-- innocent: a busy server may begin later than by default
CREATE TABLE t (id bigint PRIMARY KEY);
