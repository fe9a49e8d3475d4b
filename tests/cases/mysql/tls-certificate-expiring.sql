-- case: years left, for a limit of decades
-- engine: mysql
-- limits: days=5000
-- expect: server server medium
SELECT 1;

-- case: years left
-- engine: mysql
-- expect passed
-- innocent: the certificate that the server made for itself
SELECT 1;

-- case: soon over
-- engine: mysql
-- after: 3640 days
-- expect: server server
SELECT 1;

-- case: no certificate, which is another check's matter
-- engine: mariadb
-- expect passed
SELECT 1;
