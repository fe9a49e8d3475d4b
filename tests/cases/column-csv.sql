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
