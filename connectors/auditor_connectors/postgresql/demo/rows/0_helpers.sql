-- Functions of this session alone, for the files beside this one. Every file sets the seed of random() anew and draws
-- before it joins, so that each of them brings the same rows whatever ran before it and however it is planned.

CREATE FUNCTION pg_temp.pick(words text[]) RETURNS text LANGUAGE sql VOLATILE AS
  'SELECT words[1 + floor(random() * cardinality(words))::int]';

-- A number from 1 to top; the higher the bend, the more the small ones are preferred.
CREATE FUNCTION pg_temp.skewed(top int, bend float) RETURNS int LANGUAGE sql VOLATILE AS
  'SELECT 1 + floor(top * power(random(), bend))::int';

-- The moment after a share of the shop's life, which began in November 2020 slowly and went on faster.
CREATE FUNCTION pg_temp.moment(share float) RETURNS timestamptz LANGUAGE sql STABLE AS
  $$SELECT timestamptz '2020-11-16 08:00+00' + power(share, 0.6) * interval '2194 days'$$;

CREATE FUNCTION pg_temp.fake_uuid(number bigint, kind text) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$SELECT md5(kind || number)::uuid$$;

CREATE FUNCTION pg_temp.first_name() RETURNS text LANGUAGE sql VOLATILE AS
  $$SELECT pg_temp.pick('{Anna,Ben,Clara,David,Elena,Felix,Greta,Hannah,Ivan,Jana,Karim,Lena,Mateo,Nora,Oskar,Paula,
    Quentin,Rosa,Samuel,Tilda,Umut,Vera,Walter,Xenia,Yusuf,Zoe,Agnes,Bruno,Cecile,Dmitri,Emma,Fatima,Giulia,Henrik,
    Ingrid,Jonas,Kasia,Liam,Marta,Niels,Olivia,Piotr,Ruth,Sofia,Tomas,Ulrike,Viktor,Wanda}')$$;

CREATE FUNCTION pg_temp.last_name() RETURNS text LANGUAGE sql VOLATILE AS
  $$SELECT pg_temp.pick('{Albrecht,Bauer,Carlsen,Dubois,Eriksson,Fischer,Garcia,Hofmann,Ivanova,Jansen,Kowalski,
    Lindqvist,Moreau,Novak,Olsen,Peeters,Quist,Rossi,Schmidt,Tanaka,Unger,Visser,Weber,Yilmaz,Zimmermann,Andersen,
    Bianchi,Costa,Dvorak,Engel,Ferrari,Graf,Huber,Jonsson,Keller,Lang,Meyer,Nilsson,Ortega,Petrov,Richter,Santos,
    Thomsen,Vogel,Wagner,Wolf,Zeller,Brandt,Claes,Dahl,Egger,Frank,Gruber,Haas,Karlsson,Lehmann,Maier,Nagy,Popescu}')$$;

CREATE FUNCTION pg_temp.street() RETURNS text LANGUAGE sql VOLATILE AS
  $$SELECT pg_temp.pick('{Hafenstrasse,Bahnhofstrasse,Lindenallee,Kirchweg,Station Road,High Street,Rue des Lilas,
    Rue du Port,Via Roma,Via Verdi,Calle Mayor,Keizersgracht,Storgatan,Nygade,Marktplatz,Parkweg,Mill Lane,Gartenweg,
    Am Deich,Schulstrasse}') || ' ' || (1 + floor(random() * 180))::int$$;

-- A city and its country, as 'Hamburg/DE'.
CREATE FUNCTION pg_temp.place() RETURNS text LANGUAGE sql VOLATILE AS
  $$SELECT pg_temp.pick('{Hamburg/DE,Hamburg/DE,Berlin/DE,Bremen/DE,Leipzig/DE,Cologne/DE,Munich/DE,Zurich/CH,Bern/CH,
    Vienna/AT,Graz/AT,Amsterdam/NL,Utrecht/NL,Ghent/BE,Lyon/FR,Nantes/FR,Milan/IT,Malaga/ES,Porto/PT,Aarhus/DK,
    Malmo/SE}')$$;

CREATE FUNCTION pg_temp.city() RETURNS text LANGUAGE sql VOLATILE AS
  $$SELECT split_part(pg_temp.place(), '/', 1)$$;

CREATE FUNCTION pg_temp.country() RETURNS text LANGUAGE sql VOLATILE AS
  $$SELECT split_part(pg_temp.place(), '/', 2)$$;

CREATE FUNCTION pg_temp.sentence() RETURNS text LANGUAGE sql VOLATILE AS
  $$SELECT pg_temp.pick('{Arrived two days early and well packed.,The colour is a little darker than in the picture.,
    We have used it every day since.,The zip broke after a month.,Good value for the price.,Would buy again.,
    Smaller than I thought.,The manual is only in German.,My daughter loves it.,The seam came loose at the left corner.,
    Customer service answered within an hour.,Exactly as described.,It smells of plastic for the first week.,
    Bought it as a present and it was a success.}')$$;

CREATE FUNCTION pg_temp.agent() RETURNS text LANGUAGE sql VOLATILE AS
  $$SELECT pg_temp.pick('{Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0,
    Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Safari/604.1,Mozilla/5.0 (Windows NT 10.0) Chrome/126.0,
    Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile,ShopApp/4.2 (iOS),ShopApp/4.1 (Android)}')$$;

-- An address out of the range that is reserved for documentation.
CREATE FUNCTION pg_temp.address() RETURNS text LANGUAGE sql VOLATILE AS
  $$SELECT '198.51.100.' || floor(random() * 255)::int$$;
