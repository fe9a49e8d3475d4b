-- case: a delete that takes thousands along
-- expect: table shop.tenant
-- limits: many=500 very_many=100000
CREATE TABLE tenant (id int PRIMARY KEY);
INSERT INTO tenant VALUES (1);
CREATE TABLE event (id int AUTO_INCREMENT PRIMARY KEY, tenant_id int NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id) ON DELETE CASCADE);
INSERT INTO event (tenant_id) VALUES (1), (1), (1), (1);
-- repeat: 9
INSERT INTO event (tenant_id) SELECT tenant_id FROM event;
ANALYZE TABLE tenant, event;
-- innocent: the server refuses to delete what is referred to
CREATE TABLE country (id int PRIMARY KEY);
CREATE TABLE city (id int AUTO_INCREMENT PRIMARY KEY, country_id int NOT NULL, FOREIGN KEY (country_id) REFERENCES country (id));
