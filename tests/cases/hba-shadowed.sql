-- case: too late
-- full build
-- server: ssl=on
-- hba: local all all peer
-- hba: host all all 10.0.0.0/8 scram-sha-256
-- hba: host all all 10.9.0.0/16 reject
-- hba: hostssl shop clerk 10.1.0.0/16 trust
-- hba: hostssl all all 0.0.0.0/0 scram-sha-256
-- hba: host replication all 10.0.0.0/8 scram-sha-256
-- hba: host all +staff 10.0.0.0/8 md5
-- hba: host all all 192.168.0.0 255.255.0.0 scram-sha-256
-- hba: host all all ::1/128 scram-sha-256
-- hba: host all all samenet scram-sha-256
-- hba: host shop all samenet scram-sha-256
-- hba: host all all all scram-sha-256
-- hba: host all all db.example.org scram-sha-256
-- expect: host-rule "line 4" medium
-- expect: host-rule "line 5" low
-- expect: host-rule "line 8" low
-- expect: host-rule "line 12" low
-- expect: host-rule "line 14" low
-- innocent: line 6 is for TLS from elsewhere, line 7 for replication, which all does not mean, line 9 for the rest,
-- innocent: line 10 for IPv6, line 11 for an address that only the server knows, line 13 for all that is left
SELECT 1;

-- case: patterns and parts
-- on: 18
-- hba: hostnossl all all 10.0.0.0/8 reject
-- hba: host shop,crm clerk,boss 10.0.0.0/8 scram-sha-256
-- hba: host shop boss 10.0.0.0/16 scram-sha-256
-- hba: host all "/^team" 10.0.0.0/8 scram-sha-256
-- hba: host all all 10.0.0.0/16 scram-sha-256
-- expect: host-rule "line 4" low
-- innocent: line 3 is for TLS too, which line 2 is not; line 6 is wider than the pattern of line 5
SELECT 1;

-- case: in order
-- hba: local all all scram-sha-256
-- hba: host shop clerk 10.1.0.0/16 reject
-- hba: host all all 10.0.0.0/8 scram-sha-256
-- innocent: the narrower rule comes first
-- expect passed
SELECT 1;
