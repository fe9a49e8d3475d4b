-- case: one key in two types
-- expect: column public.visit.customer_id low possible
-- innocent: generic names, a tied column (another check's matter), and a name that is no table's
CREATE TABLE customer (id bigint PRIMARY KEY, status int);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customer, status text, external_id text);
CREATE TABLE invoice (id bigint PRIMARY KEY, customer_id bigint REFERENCES customer, external_id bigint);
CREATE TABLE visit (id bigint PRIMARY KEY, customer_id text);
CREATE TABLE claim (id bigint PRIMARY KEY, customer_id int REFERENCES customer);
