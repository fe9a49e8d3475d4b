-- case: prices in floating point
-- expect: column public.product.unit_price high
-- expect: column public.account.balance high likely
-- expect: column public.charge.amount_eur high likely
-- expect: column public.member.balance medium possible
-- innocent: exchange rates, weights, shares and sensor totals are no amounts; numeric prices are fine
CREATE TABLE product (id bigint PRIMARY KEY, unit_price double precision, weight_kg real, discount_rate real, list_price numeric(10,2));
CREATE TABLE account (id bigint PRIMARY KEY, balance real);
CREATE TABLE charge (id bigint PRIMARY KEY, amount_eur real);
-- Hours of leave, perhaps
CREATE TABLE member (id bigint PRIMARY KEY, balance real);
CREATE TABLE fx (id bigint PRIMARY KEY, exchange_rate double precision, price_index double precision);
CREATE TABLE sensor (id bigint PRIMARY KEY, total_energy double precision, load real);
