-- case: a family of tables
-- expect: table public.measurement low
-- innocent: partitions, and a table without heirs
CREATE TABLE measurement (at date, value real);
CREATE TABLE measurement_2025 () INHERITS (measurement);
CREATE TABLE measurement_2026 () INHERITS (measurement);
CREATE TABLE modern (at date, value real) PARTITION BY RANGE (at);
CREATE TABLE modern_2026 PARTITION OF modern FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
