-- case: outdated versions as well
-- engine: mariadb
-- server: tls_version=TLSv1.1,TLSv1.2 userstat=ON
-- expect: setting tls_version medium
SELECT 1;

-- case: MySQL 9 has no older version any more
-- expect passed
-- innocent: two current versions
SELECT 1;
