-- case: amounts in floating point
-- expect: column shop.invoice.total_price high
-- expect: column shop.invoice.tax high
-- innocent: exact
-- innocent: a ratio
CREATE TABLE invoice (id int PRIMARY KEY, total_price double NOT NULL, tax float,
  fee decimal(10, 2),
  discount_rate float);
