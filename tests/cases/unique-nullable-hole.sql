-- case: nulls in a key of several columns
-- expect: index public.folders_tenant_parent_name_key medium
-- expect: index public.plain_key info possible
-- expect: index public.roles_shop_id_name_key low certain
-- expect: index public.users_email_deleted_at_key medium
-- innocent: one optional column may be lacking any number of times, public.covered leaves nulls out, public.completed
-- innocent: and public.expressed are completed by a second index, public.sound has mandatory columns, public.limits has
-- innocent: one key for each kind of row, (id, shop_id) of public.versions holds the primary key, and the condition of
-- innocent: public.coupons shows that somebody thought of it
CREATE TABLE folders (id bigint PRIMARY KEY, tenant int NOT NULL, parent int, name text NOT NULL,
  UNIQUE (tenant, parent, name));
INSERT INTO folders SELECT i, 1, CASE WHEN i > 50 THEN 1 END, 'n' || i FROM generate_series(1, 200) AS i;
CREATE TABLE plain (a int NOT NULL, b int);
CREATE UNIQUE INDEX plain_key ON plain (a, b);
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, deleted_at timestamptz, UNIQUE (email, deleted_at));
CREATE TABLE shops (id int PRIMARY KEY);
CREATE TABLE roles (id int PRIMARY KEY, shop_id int REFERENCES shops, name text NOT NULL, UNIQUE (shop_id, name));
CREATE TABLE versions (id int PRIMARY KEY, shop_id int REFERENCES shops, UNIQUE (id, shop_id));
CREATE TABLE limits (id int PRIMARY KEY, feature int NOT NULL, team_id int, plan_id int);
CREATE UNIQUE INDEX ON limits (feature, team_id);
CREATE UNIQUE INDEX ON limits (feature, plan_id);
CREATE TABLE coupons (shop int NOT NULL, code text, live boolean NOT NULL);
CREATE UNIQUE INDEX ON coupons (shop, code) WHERE live;
CREATE TABLE single (id bigint PRIMARY KEY, code text UNIQUE);
CREATE TABLE covered (a int NOT NULL, b int);
CREATE UNIQUE INDEX ON covered (a, b) WHERE b IS NOT NULL;
CREATE TABLE completed (a int NOT NULL, b int, UNIQUE (a, b));
CREATE UNIQUE INDEX ON completed (a) WHERE b IS NULL;
CREATE TABLE expressed (a int NOT NULL, b int, UNIQUE (a, b));
CREATE UNIQUE INDEX ON expressed (a, coalesce(b, 0));
CREATE TABLE sound (a int NOT NULL, b int NOT NULL, UNIQUE (a, b));
ANALYZE;

-- case: nulls that count as equal
-- versions: 15-
-- expect passed
-- innocent: the key says that two nulls are one value
CREATE TABLE folders (tenant int NOT NULL, parent int, name text NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant, parent, name));
