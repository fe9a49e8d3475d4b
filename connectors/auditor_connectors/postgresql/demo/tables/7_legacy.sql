-- Two tables of the old ERP as they came, kept for the tax office and for the price history.

CREATE TABLE legacy.customer_import (
  "KundenNr" char(10),
  "Name1" char(40),
  "Name2" char(40),
  "Strasse" char(40),
  "PLZ" char(10),
  "Ort" char(40),
  "Land" char(3),
  "Telefon" char(30),
  "EMail" varchar(255),
  "Angelegt" varchar(10),
  "Umsatz" real,
  "Gesperrt" char(1),
  "Bemerkung" text
);

CREATE TABLE legacy.articles (
  article_no varchar(20) PRIMARY KEY,
  description char(60),
  net_price double precision,
  gross_price double precision,
  stock real,
  supplier char(20),
  discontinued integer DEFAULT 0,
  last_change timestamp
);
