-- case: references without the tenant
-- limits: tables=3
-- expect: database shop
CREATE TABLE tenant (id int PRIMARY KEY, name varchar(20));
CREATE TABLE customer (id int PRIMARY KEY, tenant_id int NOT NULL, FOREIGN KEY (tenant_id) REFERENCES tenant (id));
CREATE TABLE orders (id int PRIMARY KEY, tenant_id int NOT NULL, customer_id int, FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  FOREIGN KEY (customer_id) REFERENCES customer (id));
CREATE TABLE invoice (id int PRIMARY KEY, tenant_id int NOT NULL, FOREIGN KEY (tenant_id) REFERENCES tenant (id));

-- case: the tenant is in the key
-- limits: tables=3
-- expect passed
CREATE TABLE tenant (id int PRIMARY KEY, name varchar(20));
-- innocent: every reference holds both
CREATE TABLE customer (id int PRIMARY KEY, tenant_id int NOT NULL, UNIQUE KEY (tenant_id, id), FOREIGN KEY (tenant_id) REFERENCES tenant (id));
CREATE TABLE orders (id int PRIMARY KEY, tenant_id int NOT NULL, customer_id int, FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id));
CREATE TABLE invoice (id int PRIMARY KEY, tenant_id int NOT NULL, FOREIGN KEY (tenant_id) REFERENCES tenant (id));
