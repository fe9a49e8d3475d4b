-- case: many rows below one
-- expect: table public.tenants medium likely
-- innocent: public.authors has few rows below each, deleting from public.shops is refused, public.owners only nulls
CREATE TABLE tenants (id int PRIMARY KEY);
INSERT INTO tenants SELECT generate_series(1, 5);
CREATE TABLE orders (id int PRIMARY KEY, tenant_id int REFERENCES tenants ON DELETE CASCADE);
INSERT INTO orders SELECT i, i % 5 + 1 FROM generate_series(1, 20000) AS i;
CREATE INDEX ON orders (tenant_id);
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders ON DELETE CASCADE);
INSERT INTO lines SELECT i, (i % 20000) + 1 FROM generate_series(1, 60000) AS i;
CREATE INDEX ON lines (order_id);
DELETE FROM tenants WHERE id = 1;
CREATE TABLE authors (id int PRIMARY KEY);
INSERT INTO authors SELECT generate_series(1, 5000);
CREATE TABLE books (id int PRIMARY KEY, author_id int REFERENCES authors ON DELETE CASCADE);
INSERT INTO books SELECT i, (i % 5000) + 1 FROM generate_series(1, 20000) AS i;
CREATE INDEX ON books (author_id);
CREATE TABLE shops (id int PRIMARY KEY);
INSERT INTO shops VALUES (1);
CREATE TABLE sales (id int PRIMARY KEY, shop_id int REFERENCES shops);
INSERT INTO sales SELECT i, 1 FROM generate_series(1, 20000) AS i;
CREATE TABLE owners (id int PRIMARY KEY);
INSERT INTO owners VALUES (1);
CREATE TABLE cars (id int PRIMARY KEY, owner_id int REFERENCES owners ON DELETE SET NULL);
INSERT INTO cars SELECT i, 1 FROM generate_series(1, 20000) AS i;
ANALYZE;

-- case: an index is missing below the first level
-- expect: table public.parents low
-- innocent: public.others has the same shape with indexes
CREATE TABLE parents (id int PRIMARY KEY);
INSERT INTO parents SELECT generate_series(1, 10);
CREATE TABLE children (id int PRIMARY KEY, parent_id int REFERENCES parents ON DELETE CASCADE);
INSERT INTO children SELECT i, i % 10 + 1 FROM generate_series(1, 5000) AS i;
CREATE INDEX ON children (parent_id);
CREATE TABLE grandchildren (id int PRIMARY KEY, child_id int REFERENCES children ON DELETE CASCADE);
INSERT INTO grandchildren SELECT i, i % 5000 + 1 FROM generate_series(1, 25000) AS i;
CREATE TABLE others (id int PRIMARY KEY);
INSERT INTO others SELECT generate_series(1, 10);
CREATE TABLE other_children (id int PRIMARY KEY, parent_id int REFERENCES others ON DELETE CASCADE);
INSERT INTO other_children SELECT i, i % 10 + 1 FROM generate_series(1, 5000) AS i;
CREATE INDEX ON other_children (parent_id);
CREATE TABLE other_grandchildren (id int PRIMARY KEY, child_id int REFERENCES other_children ON DELETE CASCADE);
INSERT INTO other_grandchildren SELECT i, i % 5000 + 1 FROM generate_series(1, 25000) AS i;
CREATE INDEX ON other_grandchildren (child_id);
ANALYZE;

-- case: a circle of cascades is reported once
-- limits: many=100
-- expect: table public.first
-- innocent: the circle begins at the first table by name
CREATE TABLE first (id int PRIMARY KEY, second_id int);
CREATE TABLE second (id int PRIMARY KEY, first_id int REFERENCES first ON DELETE CASCADE);
ALTER TABLE first ADD FOREIGN KEY (second_id) REFERENCES second ON DELETE CASCADE;
INSERT INTO first VALUES (1), (2);
INSERT INTO second SELECT i, 1 FROM generate_series(1, 2000) AS i;
CREATE INDEX ON first (second_id);
CREATE INDEX ON second (first_id);
ANALYZE;
