-- case: most connections are taken
-- server: max_connections=8 superuser_reserved_connections=1 max_wal_senders=0 wal_level=replica
-- limits: share=0.3
-- expect: server server
-- session a
SELECT 1;
-- session b
SELECT 1;
-- session c
SELECT 1;

-- case: a few of many
-- innocent: far from the limit
-- expect passed
-- session a
SELECT 1;
