-- case: one table a year
-- expect: database shop
CREATE TABLE sales_2023 (id int PRIMARY KEY, amount decimal(10, 2), at date);
CREATE TABLE sales_2024 LIKE sales_2023;
CREATE TABLE sales_2025 LIKE sales_2023;
-- innocent: two are no series
CREATE TABLE region_1 (id int PRIMARY KEY, name varchar(20));
CREATE TABLE region_2 LIKE region_1;
