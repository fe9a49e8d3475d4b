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

-- case: tables that have nothing to do with tenants
-- expect: database * medium likely
-- innocent: they do not hide the tenants
CREATE TABLE organization (id bigint PRIMARY KEY);
CREATE TABLE project (id bigint PRIMARY KEY, organization_id bigint NOT NULL REFERENCES organization);
CREATE TABLE board (id bigint PRIMARY KEY, organization_id bigint NOT NULL REFERENCES organization, project_id bigint REFERENCES project);
CREATE TABLE card (id bigint PRIMARY KEY, organization_id bigint NOT NULL REFERENCES organization, board_id bigint REFERENCES board);
CREATE TABLE label (id bigint PRIMARY KEY, organization_id bigint NOT NULL REFERENCES organization);
CREATE TABLE invoice (id bigint PRIMARY KEY, organization_id bigint NOT NULL REFERENCES organization);
CREATE TABLE job (id bigint PRIMARY KEY);
CREATE TABLE counter (id bigint PRIMARY KEY);
CREATE TABLE country (code text PRIMARY KEY);
CREATE TABLE migration (id bigint PRIMARY KEY);
CREATE TABLE feature (name text PRIMARY KEY);
