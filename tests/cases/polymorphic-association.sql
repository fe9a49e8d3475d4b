-- case: comments on anything
-- expect: table public.comment medium
-- expect: table public.audit_log info
-- innocent: the type of a document with its own id column, a foreign key that knows its target, and a type without an id
CREATE TABLE comment (id bigint PRIMARY KEY, commentable_type text NOT NULL, commentable_id bigint NOT NULL, body text);
CREATE TABLE audit_log (id bigint PRIMARY KEY, item_type text, item_id bigint, at timestamptz);
CREATE TABLE vehicle (id bigint PRIMARY KEY, vehicle_type text);
CREATE TABLE rental (id bigint PRIMARY KEY, vehicle_type text, vehicle_id bigint REFERENCES vehicle);
CREATE TABLE payment (id bigint PRIMARY KEY, payment_type text, external_reference text);
