-- case: tags in one text
-- expect: column public.article.tags medium
-- innocent: prose with commas, names with a comma, plain words, and an array
CREATE TABLE article (id int PRIMARY KEY, tags text, body text, author text, word text, labels text[]);
INSERT INTO article SELECT g, 'red' || g % 40 || ',blue' || g % 7 || ',green',
  'When it rained, on day ' || g || ', we stayed at home, and read a book. Later, it cleared up.',
  'Miller, Anna Maria the ' || g || 'th', 'word' || g, ARRAY['a', 'b'] FROM generate_series(1, 500) g;
ANALYZE article;

-- case: a role that may not see statistics
-- as: nobody
-- expect not-assessed
CREATE TABLE article (id int PRIMARY KEY, tags text);
INSERT INTO article SELECT g, 'red,blue,green' FROM generate_series(1, 500) g;
ANALYZE article;

-- case: a blank after the separator
-- expect: column public.task.tags medium likely
-- innocent: names and places have two parts, sentences have longer ones
CREATE TABLE task (id int PRIMARY KEY, tags text, person text, note text);
INSERT INTO task SELECT g, 'bug, area' || g % 9 || ', p' || g % 30, 'Miller' || g || ', Anna',
  'On day ' || g || ', we stayed at home, reading' FROM generate_series(1, 500) g;
ANALYZE task;

-- case: a few lists that many rows repeat
-- expect: column public.patient.allergies medium likely
-- innocent: words with a hyphen, a single value with a comma, and lists that few rows hold
CREATE TABLE patient (id int PRIMARY KEY, allergies text, kind text, origin text);
INSERT INTO patient SELECT g, (ARRAY['nuts,latex,penicillin', 'pollen,dust', 'eggs,milk', 'aspirin'])[1 + g % 4],
  (ARRAY['in-patient', 'out-patient', 'day-care'])[1 + g % 3], (ARRAY['Berlin,Mitte', 'Bonn', 'Ulm'])[1 + g % 3]
FROM generate_series(1, 3000) g;
CREATE TABLE rule (id int PRIMARY KEY, members text);
INSERT INTO rule SELECT g, 'a' || g % 3 || ',b,c' FROM generate_series(1, 60) g;
ANALYZE;
