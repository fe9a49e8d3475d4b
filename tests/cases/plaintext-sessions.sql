-- case: a client that does not ask for TLS
-- own server
-- server: ssl=on listen_addresses=*
-- hba: host all all all scram-sha-256
-- expect: server server high
-- innocent: billing encrypts, and what comes over the loopback interface needs not
CREATE EXTENSION dblink;
CREATE ROLE crm LOGIN PASSWORD 'of-a-test';
CREATE ROLE billing LOGIN PASSWORD 'of-a-test';
CREATE TABLE address (one text);
COPY address FROM PROGRAM 'hostname -I | cut -d" " -f1';
-- session application
SELECT dblink_connect('one', format('host=%s port=%s dbname=%s user=crm password=of-a-test sslmode=disable',
  one, current_setting('port'), current_database())) FROM address;
SELECT dblink_connect('two', format('host=%s port=%s dbname=%s user=billing password=of-a-test sslmode=require',
  one, current_setting('port'), current_database())) FROM address;

-- case: all encrypt
-- own server
-- server: ssl=on listen_addresses=*
-- hba: host all all all scram-sha-256
-- innocent: one session over the network, encrypted, and a plain one from this machine
-- expect passed
CREATE EXTENSION dblink;
CREATE ROLE crm LOGIN PASSWORD 'of-a-test';
CREATE TABLE address (one text);
COPY address FROM PROGRAM 'hostname -I | cut -d" " -f1';
-- session application
SELECT dblink_connect('one', format('host=%s port=%s dbname=%s user=crm password=of-a-test sslmode=require',
  one, current_setting('port'), current_database())) FROM address;
SELECT dblink_connect('two', format('host=127.0.0.1 port=%s dbname=%s user=crm password=of-a-test sslmode=disable',
  current_setting('port'), current_database())) FROM address;

-- case: who comes from where may not be seen
-- server: ssl=on
-- as: nobody
-- innocent: addresses of others' sessions are hidden
-- expect not-assessed
-- session somebody
SELECT 1;

-- case: TLS is off
-- innocent: that is another check's matter
-- expect passed
SELECT 1;
