-- case: phone numbers side by side
-- expect: table public.contact medium
-- innocent: address lines, quarters, hash names, a pair, and numbers that do not run
CREATE TABLE contact (id bigint PRIMARY KEY, phone1 text, phone2 text, phone3 text, note text);
CREATE TABLE place (id bigint PRIMARY KEY, address_line_1 text, address_line_2 text, address_line_3 text);
CREATE TABLE report (id bigint PRIMARY KEY, revenue_q1 numeric, revenue_q2 numeric, revenue_q3 numeric, revenue_q4 numeric);
CREATE TABLE file (id bigint PRIMARY KEY, sha1 text, sha256 text, md5 text, name1 text, name2 text);
CREATE TABLE sensor (id bigint PRIMARY KEY, pm1 real, pm10 real, pm25 real, p50 real, p95 real, p99 real);
