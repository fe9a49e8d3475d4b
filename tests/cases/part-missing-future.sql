-- case: the last partition ends too soon
-- expect: table shop.ended critical certain
-- expect: table shop.caught medium
-- expect: table shop.ends_soon critical
-- expect: table shop.daily critical
-- expect: table shop.deep
-- expect: table shop.closed low possible
CREATE SCHEMA shop;
CREATE TABLE shop.ended (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE shop.caught (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE shop.caught_default PARTITION OF shop.caught DEFAULT;
CREATE TABLE shop.ends_soon (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.daily (id bigint, at timestamp) PARTITION BY RANGE (at);
CREATE TABLE shop.deep (id bigint, day date, region text) PARTITION BY LIST (region);
CREATE TABLE shop.deep_eu PARTITION OF shop.deep FOR VALUES IN ('eu') PARTITION BY RANGE (day);
CREATE TABLE shop.closed (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.ahead (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.yearly (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE shop.open (id bigint, day date) PARTITION BY RANGE (day);
DO $$
DECLARE today date := current_date;
BEGIN
  EXECUTE format('CREATE TABLE shop.ended_1 PARTITION OF shop.ended FOR VALUES FROM (%L) TO (%L)', today - 60, today - 30);
  EXECUTE format('CREATE TABLE shop.caught_1 PARTITION OF shop.caught FOR VALUES FROM (%L) TO (%L)', today - 60, today - 30);
  EXECUTE format('CREATE TABLE shop.ends_soon_1 PARTITION OF shop.ends_soon FOR VALUES FROM (%L) TO (%L)', today - 25, today + 5);
  EXECUTE format('CREATE TABLE shop.daily_1 PARTITION OF shop.daily FOR VALUES FROM (%L) TO (%L)', today, today + 1);
  EXECUTE format('CREATE TABLE shop.deep_eu_1 PARTITION OF shop.deep_eu FOR VALUES FROM (%L) TO (%L)', today - 20, today + 10);
  EXECUTE format('CREATE TABLE shop.closed_1 PARTITION OF shop.closed FOR VALUES FROM (%L) TO (%L)', today - 900, today - 500);
  -- innocent: the next periods are there
  EXECUTE format('CREATE TABLE shop.ahead_1 PARTITION OF shop.ahead FOR VALUES FROM (%L) TO (%L)', today - 15, today + 15);
  EXECUTE format('CREATE TABLE shop.ahead_2 PARTITION OF shop.ahead FOR VALUES FROM (%L) TO (%L)', today + 15, today + 45);
  -- innocent: of a year there are months left
  EXECUTE format('CREATE TABLE shop.yearly_1 PARTITION OF shop.yearly FOR VALUES FROM (%L) TO (%L)', today - 265, today + 100);
  -- innocent: the last partition is open
  EXECUTE format('CREATE TABLE shop.open_1 PARTITION OF shop.open FOR VALUES FROM (%L) TO (MAXVALUE)', today - 60);
END $$;
INSERT INTO shop.ended VALUES (1, current_date - 40);
INSERT INTO shop.caught VALUES (1, current_date - 40), (2, current_date);
INSERT INTO shop.ends_soon VALUES (1, current_date);
INSERT INTO shop.daily VALUES (1, current_date);
INSERT INTO shop.deep VALUES (1, current_date, 'eu');
INSERT INTO shop.ahead VALUES (1, current_date);
INSERT INTO shop.yearly VALUES (1, current_date);
INSERT INTO shop.open VALUES (1, current_date);
-- innocent: ranges of numbers, lists, hashes
CREATE TABLE shop.numbers (id bigint) PARTITION BY RANGE (id);
CREATE TABLE shop.numbers_1 PARTITION OF shop.numbers FOR VALUES FROM (0) TO (1000);
CREATE TABLE shop.listed (id bigint, day date) PARTITION BY LIST (day);
CREATE TABLE shop.listed_1 PARTITION OF shop.listed FOR VALUES IN ('2020-01-01');
CREATE TABLE shop.hashed (id bigint) PARTITION BY HASH (id);
CREATE TABLE shop.hashed_0 PARTITION OF shop.hashed FOR VALUES WITH (MODULUS 1, REMAINDER 0);
