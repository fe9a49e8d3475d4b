-- case: one null switches the check off
-- expect: constraint public.free.free_a_b_fkey medium
-- expect: constraint public.half.half_a_b_fkey low
-- expect: constraint public.other_check.other_check_a_b_fkey medium
-- innocent: public.full_match, public.mandatory and public.guarded leave no gap, public.tenant references its tenant by
-- innocent: itself, and a single column has no parts
CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE tenants (id int PRIMARY KEY);
CREATE TABLE free (id bigint PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES pairs);
CREATE TABLE half (id bigint PRIMARY KEY, a int NOT NULL, b int, FOREIGN KEY (a, b) REFERENCES pairs);
CREATE TABLE other_check (id bigint PRIMARY KEY, a int, b int CHECK (b > 0), FOREIGN KEY (a, b) REFERENCES pairs);
CREATE TABLE full_match (id bigint PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES pairs MATCH FULL);
CREATE TABLE mandatory (id bigint PRIMARY KEY, a int NOT NULL, b int NOT NULL, FOREIGN KEY (a, b) REFERENCES pairs);
CREATE TABLE guarded (id bigint PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES pairs,
  CHECK (num_nulls(a, b) IN (0, 2)));
CREATE TABLE guarded_in_words (id bigint PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES pairs,
  CHECK ((a IS NULL) = (b IS NULL)));
CREATE TABLE tenant (id bigint PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, b int,
  FOREIGN KEY (tenant_id, b) REFERENCES pairs);
CREATE TABLE single (id bigint PRIMARY KEY, tenant_id int REFERENCES tenants);

-- case: no null was ever seen
-- expect: constraint public.filled.filled_a_b_fkey low
-- innocent: public.pairs is what is referred to
CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
INSERT INTO pairs SELECT i, i FROM generate_series(1, 200) AS i;
CREATE TABLE filled (id bigint PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES pairs);
INSERT INTO filled SELECT i, i, i FROM generate_series(1, 200) AS i;
ANALYZE;
