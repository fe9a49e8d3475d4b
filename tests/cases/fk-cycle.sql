-- case: circles
-- expect: table public.players low
-- expect: table public.a medium
-- expect: table public.late_1 low
-- innocent: public.tree refers to itself, public.left and public.right meet at the top without a circle
CREATE TABLE teams (id bigint PRIMARY KEY, captain_id bigint);
CREATE TABLE players (id bigint PRIMARY KEY, team_id bigint NOT NULL REFERENCES teams);
ALTER TABLE teams ADD FOREIGN KEY (captain_id) REFERENCES players;
CREATE TABLE a (id bigint PRIMARY KEY, c_id bigint NOT NULL);
CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint NOT NULL REFERENCES a);
CREATE TABLE c (id bigint PRIMARY KEY, b_id bigint NOT NULL REFERENCES b);
ALTER TABLE a ADD FOREIGN KEY (c_id) REFERENCES c;
CREATE TABLE late_1 (id bigint PRIMARY KEY, other bigint NOT NULL);
CREATE TABLE late_2 (id bigint PRIMARY KEY, other bigint NOT NULL REFERENCES late_1);
ALTER TABLE late_1 ADD FOREIGN KEY (other) REFERENCES late_2 DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE tree (id bigint PRIMARY KEY, parent_id bigint REFERENCES tree);
CREATE TABLE top (id bigint PRIMARY KEY);
CREATE TABLE "left" (id bigint PRIMARY KEY REFERENCES top);
CREATE TABLE "right" (id bigint PRIMARY KEY REFERENCES top, left_id bigint REFERENCES "left");
