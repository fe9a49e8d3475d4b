-- case: flags as numbers and letters
-- expect: column shop.customer.is_active low likely
-- expect: column shop.customer.has_newsletter low likely
-- expect: column shop.customer.deleted_flag low likely
CREATE SCHEMA shop;
CREATE TABLE shop.customer (
  id bigint PRIMARY KEY, is_active smallint NOT NULL, has_newsletter char(1), deleted_flag varchar(3),
  is_real boolean, is_state int, has_children int, status int, can_note text, is_late_count int);
INSERT INTO shop.customer
SELECT g, g % 2, CASE WHEN g % 3 = 0 THEN 'Y' ELSE 'N' END, CASE WHEN g % 9 = 0 THEN 'yes' ELSE 'no' END,
       -- innocent: a boolean; three states; a number of things; no name of a flag; long texts; a count
       g % 2 = 0, g % 3, g % 7, g % 2, 'a longer remark ' || g % 2, g % 2
  FROM generate_series(1, 3000) g;
ANALYZE shop.customer;
-- Words that name a flag by themselves
-- expect: column shop.staff.active low likely
-- expect: column shop.staff.email_verified low likely
-- innocent: how many are active, and states that have names
CREATE TABLE shop.staff (id bigint PRIMARY KEY, active smallint, email_verified char(1), active_devices int, published text);
INSERT INTO shop.staff SELECT g, g % 2, (ARRAY['Y', 'N'])[1 + g % 2], g % 2, (ARRAY['draft', 'final'])[1 + g % 2]
  FROM generate_series(1, 3000) g;
ANALYZE shop.staff;
-- innocent: a few rows prove nothing
CREATE TABLE shop.tiny (id int PRIMARY KEY, is_open int);
INSERT INTO shop.tiny VALUES (1, 0), (2, 1);
ANALYZE shop.tiny;
