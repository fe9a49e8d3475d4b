-- case: nameless sessions
-- own server
-- limits: sessions=3
-- expect: server server low
-- session a
SET application_name = '';
-- session b
SET application_name = '';
-- session c
SET application_name = '';

-- case: named sessions
-- own server
-- limits: sessions=3
-- innocent: each says who it is
-- expect passed
-- session a
SET application_name = 'web';
-- session b
SET application_name = 'web';
-- session c
SET application_name = 'worker';
