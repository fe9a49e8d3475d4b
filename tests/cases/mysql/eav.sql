-- case: attributes as rows
-- expect: table shop.product_attribute
CREATE TABLE product (id int PRIMARY KEY);
CREATE TABLE product_attribute (product_id int NOT NULL, attribute varchar(50) NOT NULL, value text,
  PRIMARY KEY (product_id, attribute), FOREIGN KEY (product_id) REFERENCES product (id));
-- innocent: settings have no entity
CREATE TABLE setting (name varchar(50) PRIMARY KEY, value text);
