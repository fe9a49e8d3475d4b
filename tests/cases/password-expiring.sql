-- case: dates near and far
-- own server
-- as: nobody
-- expect: role clerk medium
-- expect: role left_in_2020 low
-- innocent: boss's password lasts forever, temp's long enough, far's until the year 20000, team may not log in, partner has no date
CREATE ROLE left_in_2020 LOGIN PASSWORD 'of-a-test' VALID UNTIL '2020-03-01 00:00+00';
CREATE ROLE boss LOGIN PASSWORD 'of-a-test' VALID UNTIL 'infinity';
CREATE ROLE far LOGIN PASSWORD 'of-a-test' VALID UNTIL '20000-03-01 00:00+00';
CREATE ROLE team NOLOGIN VALID UNTIL '2020-03-01 00:00+00';
CREATE ROLE partner LOGIN PASSWORD 'of-a-test';
DO $$ BEGIN
  EXECUTE format('CREATE ROLE clerk LOGIN PASSWORD %L VALID UNTIL %L', 'of-a-test', now() + interval '10 days');
  EXECUTE format('CREATE ROLE temp LOGIN PASSWORD %L VALID UNTIL %L', 'of-a-test', now() + interval '90 days');
END $$;

-- case: no password to expire
-- own server
-- innocent: the date concerns the password only, and certificate has none
-- expect passed
CREATE ROLE certificate LOGIN VALID UNTIL '2020-03-01 00:00+00';
