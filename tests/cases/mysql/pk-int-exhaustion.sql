-- case: counters near the end of their types
-- expect: column shop.ticket.id critical
-- expect: column shop.page.id medium
-- expect: column shop.kind.id high
CREATE TABLE ticket (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, t varchar(10));
INSERT INTO ticket VALUES (2000000000, 'x');
CREATE TABLE page (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, t varchar(10));
INSERT INTO page VALUES (2300000000, 'x');
CREATE TABLE kind (id tinyint NOT NULL AUTO_INCREMENT PRIMARY KEY, t varchar(10));
INSERT INTO kind VALUES (100, 'x');
-- innocent: without a sign the type holds twice as many
CREATE TABLE roomy (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, t varchar(10));
INSERT INTO roomy VALUES (1500000000, 'x');
-- innocent: a bigint never ends
CREATE TABLE wide (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, t varchar(10));
INSERT INTO wide VALUES (9000000000, 'x');
-- innocent: nothing was drawn yet
CREATE TABLE fresh (id tinyint NOT NULL AUTO_INCREMENT PRIMARY KEY);
