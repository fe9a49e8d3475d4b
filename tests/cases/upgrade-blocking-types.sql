-- case: a function stored by its reg type
-- expect: column public.hook.callback medium
CREATE TABLE hook (id int PRIMARY KEY, callback regproc, target regclass, kind regtype);
-- innocent: regclass and regtype survive an upgrade
