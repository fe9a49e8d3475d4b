-- case: listening everywhere
-- server: listen_addresses=*
-- hba: host all all 10.0.0.0/8 scram-sha-256
-- expect: setting ssl medium
SELECT 1;

-- case: the rules may not be read
-- server: listen_addresses=*
-- as: nobody
-- expect: setting ssl medium
SELECT 1;

-- case: sessions over the network
-- own server
-- server: listen_addresses=*
-- hba: host all all all scram-sha-256
-- expect: setting ssl high
CREATE EXTENSION dblink;
CREATE ROLE crm LOGIN PASSWORD 'of-a-test';
CREATE TABLE address (one text);
COPY address FROM PROGRAM 'hostname -I | cut -d" " -f1';
-- session application
SELECT dblink_connect('one', format('host=%s port=%s dbname=%s user=crm password=of-a-test',
  one, current_setting('port'), current_database())) FROM address;

-- case: only this machine
-- innocent: nobody else can connect, wherever the rules point
-- expect passed
SELECT 1;

-- case: listening everywhere, letting in nobody
-- server: listen_addresses=*
-- hba: local all all scram-sha-256
-- hba: host all all all reject
-- innocent: the rules let only this machine in
-- expect passed
SELECT 1;

-- case: on
-- server: ssl=on listen_addresses=*
-- innocent: whether clients use it is another check's matter
-- expect passed
SELECT 1;
