-- case: other types, and what only looks so
-- expect: column public.numbers.id medium
-- expect: column public.padded.code medium
-- expect: column public.zoneless.at medium
-- expect: column public.wider.id low
-- innocent: public.narrower is another check's, lengths and varchar against text and a domain over the same type are no
-- innocent: difference
CREATE TABLE decimals (id numeric PRIMARY KEY);
CREATE TABLE numbers (id int REFERENCES decimals);
CREATE TABLE codes (code varchar(20) PRIMARY KEY);
CREATE TABLE padded (code char(5) REFERENCES codes);
CREATE TABLE moments (at timestamptz PRIMARY KEY);
CREATE TABLE zoneless (at timestamp REFERENCES moments);
CREATE TABLE keys (id int PRIMARY KEY);
CREATE TABLE wider (id bigint REFERENCES keys);
CREATE TABLE big (id bigint PRIMARY KEY);
CREATE TABLE narrower (id int REFERENCES big);
CREATE TABLE lengths (code varchar(5) REFERENCES codes);
CREATE TABLE texts (code text REFERENCES codes);
CREATE DOMAIN number AS int CHECK (VALUE > 0);
CREATE TABLE doms (id number REFERENCES keys);
CREATE TABLE scaled (amount numeric(10, 2) REFERENCES decimals);
CREATE TABLE precise (at timestamptz(3) REFERENCES moments);
