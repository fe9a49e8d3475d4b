-- case: the word
-- expect: column public.t.a low
-- innocent: no default, and the real NULL
CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT 'NULL', b text DEFAULT NULL, c text, d text DEFAULT 'nullable');
