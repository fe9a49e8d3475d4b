-- case: names that were longer
-- expect: schema shop info likely
CREATE SCHEMA shop;
CREATE TABLE shop.the_table_that_holds_every_single_thing_that_a_customer_may_ever_have_ordered (id int PRIMARY KEY);
-- innocent: names that the server made up and shortened
CREATE SCHEMA other;
CREATE TABLE other.a_table_with_quite_a_long_name_for_a_table (a_column_with_quite_a_long_name_too bigint UNIQUE, b int CHECK (b > 0));
CREATE INDEX ON other.a_table_with_quite_a_long_name_for_a_table (a_column_with_quite_a_long_name_too, b);
-- innocent: a tool's name with a hash at its end
CREATE INDEX a_table_with_quite_a_long_name_a_column_with_quite_a_l_1a2b3c4d ON other.a_table_with_quite_a_long_name_for_a_table (b);
CREATE INDEX "IX_a_table_with_quite_a_long_name_for_a_table_a_column_with_q~1" ON other.a_table_with_quite_a_long_name_for_a_table (b);
-- innocent: a name of 62 bytes
CREATE TABLE other.just_short_of_the_length_where_the_server_begins_to_cut_it_off (id int PRIMARY KEY);
