-- case: a few exceptions
-- expect: schema shop low certain
CREATE SCHEMA shop;
CREATE TABLE shop.sales_order (id int PRIMARY KEY, placed_at date, total_amount int);
CREATE TABLE shop.order_line (id int PRIMARY KEY, order_id int, unit_price int);
CREATE TABLE shop.tax_rate (id int PRIMARY KEY, valid_from date, "ratePercent" int);
CREATE TABLE shop.price_list (id int PRIMARY KEY, list_name text, "old price" int);
CREATE TABLE shop.unit_of_measure (id int PRIMARY KEY);
CREATE TABLE shop."CustomerGroup" (id int PRIMARY KEY);
-- innocent: the table of a migration tool in a schema of small letters
CREATE SCHEMA rails;
CREATE TABLE rails."SequelizeMeta" (name text PRIMARY KEY);
CREATE TABLE rails.sales_order (id int PRIMARY KEY, placed_at date, total_amount int);
CREATE TABLE rails.order_line (id int PRIMARY KEY, order_id int, unit_price int);
CREATE TABLE rails.tax_rate (id int PRIMARY KEY);
CREATE TABLE rails.price_list (id int PRIMARY KEY);
CREATE TABLE rails."_OrderToTag" ("A" int, "B" int);
-- innocent: Prisma's convention, and Entity Framework's
CREATE SCHEMA prisma;
CREATE TABLE prisma."User" (id int PRIMARY KEY, email text, "createdAt" date, "updatedAt" date);
CREATE TABLE prisma."BlogPost" (id int PRIMARY KEY, "authorId" int, title text);
CREATE TABLE prisma."_BlogPostToTag" ("A" int, "B" int);
CREATE SCHEMA ef;
CREATE TABLE ef."Customers" ("Id" int PRIMARY KEY, "FirstName" text);
CREATE TABLE ef."Orders" ("Id" int PRIMARY KEY, "CustomerId" int);
CREATE TABLE ef."__EFMigrationsHistory" ("MigrationId" text PRIMARY KEY);
-- innocent: tables in small letters, all columns in camel case
CREATE SCHEMA mapped;
CREATE TABLE mapped.users (id int PRIMARY KEY, "createdAt" date, "updatedAt" date);
CREATE TABLE mapped.blog_posts (id int PRIMARY KEY, "authorId" int, "createdAt" date);
-- innocent: letters of other alphabets need no quotes
CREATE SCHEMA andere;
CREATE TABLE andere.größe (id int PRIMARY KEY, länge int, straße text);
