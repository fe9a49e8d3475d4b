-- case: everywhere, for everybody
-- server: listen_addresses=*
-- hba: host all all 10.0.0.0/8 md5
-- hba: host all all 192.168.0.0/16 scram-sha-256
-- expect: setting listen_addresses medium
SELECT 1;

-- case: everywhere, with strong rules
-- server: listen_addresses=*
-- hba: local all all trust
-- hba: host shop all 10.0.0.0/8 scram-sha-256
-- innocent: what is weak is for this machine only
-- expect passed
SELECT 1;

-- case: here only
-- hba: host all all 10.0.0.0/8 md5
-- innocent: the weak rule cannot be reached
-- expect passed
SELECT 1;

-- case: the rules may not be read
-- server: listen_addresses=*
-- as: nobody
-- innocent: without the rules nothing can be said
-- expect not-assessed
SELECT 1;
