-- case: lists that grow
-- limits: members=6 of_set=4
-- expect: column shop.person.country
-- expect: column shop.person.hobbies
CREATE TABLE person (id int PRIMARY KEY, country enum('a', 'b', 'c', 'd''e', 'f', 'g'), hobbies set('w', 'x', 'y', 'z'));
-- innocent: a few states
CREATE TABLE orders (id int PRIMARY KEY, state enum('open', 'paid', 'sent'), flags set('gift', 'rush'));
