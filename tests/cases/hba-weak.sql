-- case: weak over the network
-- full build
-- server: ssl=on listen_addresses=*
-- hba: host shop clerk 10.1.2.3/32 trust
-- hba: host all all 10.2.0.0/16 trust
-- hba: host all all 10.3.0.0/16 password
-- hba: hostssl all all 10.4.0.0/16 password
-- hba: host all all 10.5.0.0/16 md5
-- hba: host shop all 10.6.0.0 255.255.0.0 md5
-- hba: host all all 10.7.0.0/16 ident
-- hba: hostnossl all all 10.8.0.0/16 scram-sha-256
-- hba: host all all 0.0.0.0/0 scram-sha-256
-- hba: host all all ::/0 scram-sha-256
-- expect: host-rule "line 2" high
-- expect: host-rule "line 3" critical
-- expect: host-rule "line 4" high
-- expect: host-rule "line 5" low
-- expect: host-rule "line 6" low
-- expect: host-rule "line 8" medium
-- expect: host-rule "line 9" medium
-- expect: host-rule "line 10" medium
-- innocent: line 7 is told with line 6, line 11 with line 10; no password is stored as an md5 hash
SELECT 1;

-- case: weak on this machine
-- hba: local all all trust
-- hba: host all all 127.0.0.1/32 trust
-- hba: host all all ::1/128 trust
-- hba: local replication all trust
-- hba: host all all 10.0.0.0/8 trust
-- expect: host-rule "line 2" medium
-- expect: host-rule "line 6" low
-- innocent: nobody else reaches a server that listens on 127.0.0.1 only, and lines 3 to 5 are told with line 2
SELECT 1;

-- case: md5 hashes are there
-- own server
-- full build
-- server: ssl=on listen_addresses=*
-- hba: hostssl all all 10.5.0.0/16 md5
-- expect: host-rule "line 2" medium
SET password_encryption = 'md5';
CREATE ROLE clerk LOGIN PASSWORD 'of-a-test';

-- case: strong or closed
-- full build
-- server: ssl=on listen_addresses=*
-- hba: local all all peer
-- hba: hostssl all all 0.0.0.0/0 cert
-- hba: host shop clerk 0.0.0.0/0 scram-sha-256
-- hba: hostnossl all all 0.0.0.0/0 reject
-- hba: host all all 10.0.0.0/8 reject
-- hba: host all all 10.1.0.0/16 trust
-- innocent: certificates, one role from everywhere, refusals, and a trust that an earlier refusal leaves nothing for
-- expect passed
SELECT 1;

-- case: the rules may not be read
-- as: pg_monitor
-- hba: local all all scram-sha-256
-- hba: host all all 127.0.0.1/32 trust
-- innocent: pg_monitor does not see the rules
-- expect not-assessed
SELECT 1;
