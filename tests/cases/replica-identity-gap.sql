-- case: published without saying which row
-- expect: table public.bare high certain
-- expect: table public.switched_off high
-- expect: table public.index_gone high
-- expect: table public.late high
-- expect: table public.parts high
-- innocent: public.sound has a primary key, public.whole sends whole rows, public.chosen a unique index, only inserts
-- innocent: of public.appended are published, and public.unpublished is not at all
CREATE TABLE bare (id bigint NOT NULL, what text);
CREATE TABLE switched_off (id bigint PRIMARY KEY);
ALTER TABLE switched_off REPLICA IDENTITY NOTHING;
CREATE TABLE index_gone (id bigint PRIMARY KEY, code int NOT NULL);
CREATE UNIQUE INDEX index_gone_code ON index_gone (code);
ALTER TABLE index_gone REPLICA IDENTITY USING INDEX index_gone_code;
DROP INDEX index_gone_code;
CREATE TABLE late (id bigint PRIMARY KEY DEFERRABLE);
CREATE TABLE parts (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts (PRIMARY KEY (id)) FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE sound (id bigint PRIMARY KEY);
CREATE TABLE whole (id bigint);
ALTER TABLE whole REPLICA IDENTITY FULL;
CREATE TABLE chosen (code int NOT NULL);
CREATE UNIQUE INDEX chosen_code ON chosen (code);
ALTER TABLE chosen REPLICA IDENTITY USING INDEX chosen_code;
CREATE TABLE appended (what text);
CREATE TABLE unpublished (what text);
CREATE PUBLICATION changes FOR TABLE bare, switched_off, index_gone, late, parts, sound, whole, chosen;
CREATE PUBLICATION inserts FOR TABLE appended WITH (publish = 'insert');

-- case: everything is published
-- expect: table public.bare high
-- innocent: changes of an unlogged table are never published
CREATE TABLE bare (id bigint);
CREATE UNLOGGED TABLE scratch (id bigint);
CREATE PUBLICATION everything FOR ALL TABLES;

-- case: nothing is published
-- expect not-applicable
CREATE TABLE bare (id bigint);
