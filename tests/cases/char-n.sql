-- case: names in char
-- expect: column public.person.first_name low
-- innocent: codes of fixed length, and a single letter
CREATE TABLE person (
  id bigint PRIMARY KEY, first_name char(40), country char(2), currency_code char(3), file_md5 char(32), initial char(1), iban char(34));
