-- case: two tables that need each other
-- expect: table shop.author medium
CREATE TABLE author (id int PRIMARY KEY, best_book_id int NOT NULL);
CREATE TABLE book (id int PRIMARY KEY, author_id int NOT NULL, FOREIGN KEY (author_id) REFERENCES author (id));
ALTER TABLE author ADD FOREIGN KEY (best_book_id) REFERENCES book (id);
-- innocent: a tree refers to itself
CREATE TABLE category (id int PRIMARY KEY, parent_id int, FOREIGN KEY (parent_id) REFERENCES category (id));
