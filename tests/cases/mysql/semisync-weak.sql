-- case: it is seen before a replica has it, and no replica is there
-- engine: mariadb
-- expect: setting rpl_semi_sync_master_wait_point low
-- expect: server server medium
SET GLOBAL rpl_semi_sync_master_enabled = ON;

-- case: no replica is there
-- engine: mysql
-- own server
-- expect: server server medium
INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so';
SET GLOBAL rpl_semi_sync_source_enabled = ON;

-- case: switched off
-- expect passed
-- innocent: replicas that follow as they can
SELECT 1;
