-- case: tenants everywhere but in the keys
-- expect: database * medium likely
CREATE TABLE tenant (id bigint PRIMARY KEY);
CREATE TABLE customer (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenant);
CREATE TABLE product (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenant, UNIQUE (tenant_id, id));
CREATE TABLE invoice (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenant, customer_id bigint REFERENCES customer);
CREATE TABLE line (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenant, invoice_id bigint REFERENCES invoice);
CREATE TABLE note (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenant);

-- case: the keys hold the tenant
-- innocent: no reference leaves its tenant
-- expect passed
CREATE TABLE tenant (id bigint PRIMARY KEY);
CREATE TABLE customer (id bigint, tenant_id bigint NOT NULL REFERENCES tenant, PRIMARY KEY (tenant_id, id));
CREATE TABLE product (id bigint, tenant_id bigint NOT NULL REFERENCES tenant, PRIMARY KEY (tenant_id, id));
CREATE TABLE invoice (id bigint, tenant_id bigint NOT NULL REFERENCES tenant, customer_id bigint, PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer);
CREATE TABLE line (id bigint, tenant_id bigint NOT NULL REFERENCES tenant, invoice_id bigint, PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoice);
CREATE TABLE note (id bigint, tenant_id bigint NOT NULL REFERENCES tenant, PRIMARY KEY (tenant_id, id));

-- case: customers of a shop are not tenants
-- innocent: a few tables of many refer to them
-- expect passed
CREATE TABLE customer (id bigint PRIMARY KEY);
CREATE TABLE address (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer);
CREATE TABLE invoice (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer, address_id bigint REFERENCES address);
CREATE TABLE product (id bigint PRIMARY KEY);
CREATE TABLE line (id bigint PRIMARY KEY, invoice_id bigint REFERENCES invoice, product_id bigint REFERENCES product);
CREATE TABLE stock (id bigint PRIMARY KEY, product_id bigint REFERENCES product);
