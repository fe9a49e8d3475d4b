-- case: identities wrap, defaults fail
-- expect: sequence public.wraps_id_seq high
-- expect: sequence public.old_dump info
-- expect: sequence public.serials_id_seq low
-- expect: sequence public.backwards high
-- innocent: public.stopped ends where its column does, public.equal_id_seq has the column's type, public.wide feeds
-- innocent: bigint, public.texts no integer
CREATE TABLE wraps (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
ALTER SEQUENCE wraps_id_seq AS bigint;
CREATE SEQUENCE old_dump;
CREATE TABLE dumped (id int PRIMARY KEY DEFAULT nextval('old_dump'));
CREATE TABLE serials (id smallserial PRIMARY KEY);
ALTER SEQUENCE serials_id_seq AS int;
SELECT setval('serials_id_seq', 20000);
CREATE TABLE down (id int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME backwards INCREMENT -1) PRIMARY KEY);
ALTER SEQUENCE backwards AS bigint;
CREATE SEQUENCE stopped MAXVALUE 2147483647;
CREATE TABLE stops (id int PRIMARY KEY DEFAULT nextval('stopped'));
CREATE TABLE equal (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE SEQUENCE wide;
CREATE TABLE wides (id bigint PRIMARY KEY DEFAULT nextval('wide'));
CREATE SEQUENCE texts;
CREATE TABLE labels (id text PRIMARY KEY DEFAULT 'L' || nextval('texts'));
