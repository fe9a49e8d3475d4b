-- case: a column that lies without quotes
-- expect: schema shop low certain
-- expect: schema plain info certain
CREATE SCHEMA shop;
CREATE TABLE shop.login (id int PRIMARY KEY, "user" text);
CREATE SCHEMA plain;
CREATE TABLE plain."order" (id int PRIMARY KEY, "end" date);
-- innocent: words that are not reserved, or only in part
CREATE SCHEMA fine;
CREATE TABLE fine.users (id int PRIMARY KEY, name text, value int, type text, date date, status int, role text, position int, year int);
-- innocent: capitals make it another name
CREATE TABLE fine."User" (id int PRIMARY KEY, "Order" int);

-- case: the words that are not reserved
-- on: 14 18
-- innocent: columns and a table of every word that the server takes without quotes
-- expect passed
DO $$ BEGIN
  EXECUTE (SELECT format('CREATE TABLE abort (%s)', string_agg(word || ' int', ', ')) FROM pg_get_keywords() WHERE catcode IN ('U', 'C'));
END $$;

-- case: the words that are reserved
-- on: 14 18
-- expect: schema shop low certain
CREATE SCHEMA shop;
DO $$ BEGIN
  EXECUTE (SELECT format('CREATE TABLE shop.words (%s)', string_agg(format('%I int', word), ', ')) FROM pg_get_keywords() WHERE catcode = 'R');
END $$;
-- innocent: the check knows them all, but for system_user, which is one since version 16
