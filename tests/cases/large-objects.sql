-- case: objects that nothing can refer to
-- limits: many=50
-- expect: database * medium certain
-- innocent: a column of text refers to no object
CREATE TABLE notes (id bigint PRIMARY KEY, body text);
SELECT lo_from_bytea(0, 'x') FROM generate_series(1, 60);

-- case: objects that a column refers to
-- limits: many=50
-- expect: database * low
CREATE TABLE files (id bigint PRIMARY KEY, content oid);
INSERT INTO files SELECT i, lo_from_bytea(0, 'x') FROM generate_series(1, 60) i;

-- case: a few objects
-- expect passed
CREATE TABLE files (id bigint PRIMARY KEY, content oid);
INSERT INTO files SELECT i, lo_from_bytea(0, 'x') FROM generate_series(1, 5) i;
