"""Data that get another shape: values in a table of their own, keys of documents in columns."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.operation import (
    AddExclusion,
    ChangeColumnType,
    EnumToLookup,
    ExtractJson,
    MaterialiseView,
    MergeClones,
    MergeTables,
)
from tests.scenarios.base import ORDERS, Scenario

_PERIODS = (
    (
        "CREATE TABLE shop.prices (id serial PRIMARY KEY, product int NOT NULL, valid_from date, valid_to date, UNIQUE "
        "(product, valid_from), CHECK (valid_from < valid_to))"
    ),
    (
        "INSERT INTO shop.prices (product, valid_from, valid_to) SELECT i % 30, date '2024-01-01' + i, "
        "CASE WHEN i < 570 THEN date '2024-01-31' + i END FROM generate_series(0, 599) i"
    ),
)
_NO_OVERLAP = (
    "SELECT count(*) = 600 FROM shop.prices",
    "SELECT count(*) = 1 FROM pg_constraint WHERE conrelid = 'shop.prices'::regclass AND contype = 'x'",
    "INSERT INTO shop.prices (product, valid_from, valid_to) VALUES (1, '2020-01-01', '2020-02-01') RETURNING true",
)


def _years(*texts: str) -> tuple[str, ...]:
    return tuple(text.replace("{}", str(year)) for year in (2022, 2023, 2024) for text in texts)


SCENARIOS: Mapping[str, Scenario] = {
    "periods of a large table": Scenario(
        setup=_PERIODS,
        operations=(AddExclusion(schema="shop", table="prices", columns=("product",),
                                 period=("valid_from", "valid_to")),),
        checks=_NO_OVERLAP,
    ),
    "small periods": Scenario(
        setup=(*_PERIODS, "CREATE TABLE shop.stays (during tstzrange)", ("INSERT INTO shop.stays VALUES ('empty'), "
               "('empty'), (NULL), ('[2024-01-01,2024-01-02)'), ('[2024-01-02,)')")),
        operations=(
            AddExclusion(schema="shop", table="prices", columns=("product",), period=("valid_from", "valid_to")),
            AddExclusion(schema="shop", table="stays", columns=(), period=("during",)),
        ),
        checks=_NO_OVERLAP,
        small=True,
    ),
    "an enumerated type": Scenario(
        setup=(
            "CREATE TYPE shop.\"Mood\" AS ENUM ('sad', 'it''s \\ ok', 'happy')",
            ("CREATE TABLE shop.people (id int PRIMARY KEY, mood shop.\"Mood\" NOT NULL DEFAULT 'sad', n int, "
            "CHECK (mood <> 'happy' OR n > 0))"),
            "CREATE INDEX people_sad ON shop.people (n) WHERE mood = 'sad'",
            "CREATE INDEX people_mood ON shop.people (mood, n)",
            "CREATE VIEW shop.moods AS SELECT mood, count(*) FROM shop.people GROUP BY mood",
            ("INSERT INTO shop.people SELECT i, (enum_range(NULL::shop.\"Mood\"))[1 + i % 3], i FROM "
            "generate_series(1, 900) i"),
        ),
        operations=(EnumToLookup(schema="shop", table="people", column="mood", into="moods_known"),),
        checks=(
            "SELECT array_agg(value ORDER BY sort_order) = ARRAY['sad', 'it''s \\ ok', 'happy'] FROM shop.moods_known",
            "SELECT count(*) = 300 FROM shop.people WHERE mood = 'it''s \\ ok'",
            "INSERT INTO shop.people (id, n) VALUES (1000, 1) RETURNING mood = 'sad'",
            "INSERT INTO shop.moods_known VALUES ('calm', 4) RETURNING true",
            "UPDATE shop.people SET mood = 'calm' WHERE id = 1000 RETURNING true",
        ),
    ),
    "a check that lists values": Scenario(
        setup=(
            ("CREATE TABLE shop.bills (id int PRIMARY KEY, state varchar(20) CONSTRAINT \"known State\" "
            "CHECK (state IN ('draft', 'it''s', 'a\\b', 'paid')), CHECK (length(state) > 1))"),
            ("INSERT INTO shop.bills SELECT i, CASE WHEN i % 2 = 0 THEN 'draft' ELSE 'it''s' END FROM "
            "generate_series(1, 600) i"),
        ),
        operations=(EnumToLookup(schema="shop", table="bills", column="state"),),
        checks=(
            ("SELECT array_agg(value::text ORDER BY sort_order) = ARRAY['draft', 'it''s', 'a\\b', 'paid'] FROM "
            "shop.bills_state_values"),
            "UPDATE shop.bills SET state = 'a\\b' WHERE id = 1 RETURNING true",
            "INSERT INTO shop.bills_state_values VALUES ('lost', 5) RETURNING true",
            "UPDATE shop.bills SET state = 'lost' WHERE id = 1 RETURNING true",
        ),
    ),
    "a key of a document": Scenario(
        setup=(
            "CREATE TABLE shop.docs (id int PRIMARY KEY, doc jsonb, \"City's\" int)",
            ("INSERT INTO shop.docs SELECT i, jsonb_build_object('n', i::text, 'address', "
            "jsonb_build_object('City''s', 'c' || i % 9)), 1 FROM generate_series(1, 800) i"),
            "INSERT INTO shop.docs VALUES (801, NULL), (802, '[1]'), (803, '{\"n\": null}'), (804, '7')",
            ("CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN NEW.doc := '{}'; RETURN NEW; END$$"),
            "CREATE TRIGGER touch BEFORE UPDATE ON shop.docs FOR EACH ROW EXECUTE FUNCTION shop.touch()",
        ),
        operations=(
            ExtractJson(schema="shop", table="docs", column="doc", keys=("n",), type="bigint", index=True),
            ExtractJson(schema="shop", table="docs", column="doc", keys=("address", "City's")),
        ),
        checks=(
            "SELECT count(n) = 800 AND sum(n) = 320400 FROM shop.docs",
            "SELECT count(DISTINCT \"City's_value\") = 9 FROM shop.docs",
            "SELECT count(*) = 800 FROM shop.docs WHERE doc = '{\"address\": {}}'",
        ),
    ),
    "a companion that is merged": Scenario(
        setup=(
            "CREATE TABLE shop.places (id int PRIMARY KEY, n int)",
            "INSERT INTO shop.places SELECT i, i FROM generate_series(1, 9) i",
            "CREATE TABLE shop.people (id int PRIMARY KEY, name varchar(30), note text)",
            "INSERT INTO shop.people SELECT i, 'p' || i FROM generate_series(1, 900) i",
            ("CREATE TABLE shop.profiles (person_id int PRIMARY KEY REFERENCES shop.people (id) ON DELETE CASCADE, bio "
            "text DEFAULT 'none', lang varchar(5) NOT NULL DEFAULT 'en' CHECK (lang <> ''), note json, score int "
            "CONSTRAINT \"good Score\" CHECK (score > 0 OR person_id > 5), place_id int REFERENCES shop.places (id) "
            "ON DELETE SET NULL)"),
            "CREATE INDEX profiles_place ON shop.profiles (place_id) WHERE score > 10",
            "CREATE UNIQUE INDEX profiles_bio ON shop.profiles (lower(bio), person_id)",
            "COMMENT ON COLUMN shop.profiles.bio IS 'what they say'",
            "COMMENT ON TABLE shop.profiles IS 'more of people'",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON shop.profiles TO PUBLIC",
            "GRANT SELECT (id) ON shop.people TO PUBLIC",
            ("INSERT INTO shop.profiles SELECT i, 'b' || i, 'de', '{\"a\":  1}', i, 1 + i % 9 FROM "
            "generate_series(3, 900, 3) i"),
        ),
        operations=(MergeTables(schema="shop", table="people", other="profiles", names={"score": "profile_score"}),),
        checks=(
            "SELECT count(lang) = 300 AND sum(profile_score) = 135450 AND count(*) = 900 FROM shop.people",
            "SELECT profiles_note::text = '{\"a\":  1}' AND note IS NULL FROM shop.people WHERE id = 3",
            "SELECT count(*) = 0 FROM pg_constraint WHERE NOT convalidated",
            "SELECT count(*) = 3 FROM pg_index WHERE indrelid = 'shop.people'::regclass AND indisvalid",
            "SELECT to_regclass('shop.profiles') IS NULL",
            "DELETE FROM shop.places WHERE id = 4 RETURNING true",
            "SELECT place_id IS NULL FROM shop.people WHERE id = 3",
        ),
    ),
    "a companion with a number of its own": Scenario(
        setup=(
            "CREATE TABLE shop.people (id int PRIMARY KEY, name text)",
            ("CREATE TABLE shop.profiles (id serial PRIMARY KEY, bio text, person_id int NOT NULL UNIQUE REFERENCES "
            "shop.people)"),
            "CREATE TABLE shop.firms (id int PRIMARY KEY)",
            ("CREATE TABLE shop.ledgers (id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME shop.counted START WITH "
            "100 INCREMENT BY 5 MAXVALUE 90000 CACHE 2) PRIMARY KEY, firm_id int NOT NULL UNIQUE REFERENCES "
            "shop.firms)"),
            "GRANT INSERT ON shop.ledgers TO PUBLIC",
            "INSERT INTO shop.people SELECT i, 'p' || i FROM generate_series(1, 300) i",
            "INSERT INTO shop.firms SELECT generate_series(1, 300)",
            "INSERT INTO shop.profiles (person_id) SELECT i FROM generate_series(1, 300, 3) i",
            "INSERT INTO shop.ledgers (firm_id) SELECT i FROM generate_series(1, 300, 3) i",
        ),
        operations=(
            MergeTables(schema="shop", table="people", other="profiles"),
            MergeTables(schema="shop", table="firms", other="ledgers", names={"id": "ledger_no"}),
        ),
        checks=(
            "SELECT count(profiles_id) = 100 AND max(profiles_id) = 100 FROM shop.people",
            "SELECT count(ledger_no) = 100 AND max(ledger_no) = 595 FROM shop.firms",
            "SELECT nextval('shop.profiles_id_seq') = 101 AND nextval('shop.counted') >= 600",
            "SELECT pg_get_serial_sequence('shop.firms', 'ledger_no') = 'shop.counted'",
        ),
    ),
    "a companion without a required column": Scenario(
        setup=(
            "CREATE TABLE shop.parts (a int, b text, c text, UNIQUE (b, a))",
            ("CREATE TABLE shop.pictures (c text, b text, a int, PRIMARY KEY (a, b), FOREIGN KEY (b, a) REFERENCES "
            "shop.parts (b, a) ON UPDATE CASCADE)"),
            "INSERT INTO shop.parts SELECT i, 'b' || i, 'c' FROM generate_series(1, 500) i",
            "INSERT INTO shop.pictures SELECT nullif('c' || i, 'c3'), 'b' || i, i FROM generate_series(1, 400) i",
        ),
        operations=(MergeTables(schema="shop", table="parts", other="pictures"),),
        checks=(
            ("SELECT count(*) = 400 AND count(pictures_c) = 399 AND bool_and(pictures_c IS NULL OR "
            "pictures_c = 'c' || a) FROM shop.parts WHERE has_pictures"),
        ),
    ),
    "clones, one a year": Scenario(
        setup=(
            "CREATE TABLE shop.shops (id int PRIMARY KEY)",
            "INSERT INTO shop.shops SELECT generate_series(1, 9)",
            *_years(
                "CREATE TABLE shop.sales_{} (id serial PRIMARY KEY, shop_id int NOT NULL CONSTRAINT \"to {}\" "
                "REFERENCES shop.shops ON DELETE CASCADE, code varchar(20) UNIQUE, amount numeric(8,2) DEFAULT 1.5 "
                "CHECK (amount > 0))",
                "CREATE INDEX sales_{}_shop ON shop.sales_{} (shop_id, lower(code)) WHERE amount > 10",
                "GRANT SELECT, INSERT ON shop.sales_{} TO PUBLIC",
                "GRANT SELECT ON shop.sales_{} TO pg_monitor WITH GRANT OPTION",
                "INSERT INTO shop.sales_{} (shop_id, code, amount) SELECT 1 + i % 9, 'c' || i, i FROM "
                "generate_series(1, 400) i",
            ),
            "ALTER TABLE shop.sales_2023 ALTER amount SET NOT NULL",
            "ALTER TABLE shop.sales_2024 ADD CONSTRAINT odd CHECK (code <> 'x')",
            "GRANT DELETE ON shop.sales_2024 TO PUBLIC",
            "CREATE VIEW shop.recent AS SELECT id, code, count(*) FROM shop.sales_2024 GROUP BY id",
            "DROP VIEW shop.recent",
            "CREATE VIEW shop.recent AS SELECT * FROM shop.sales_2024",
            "COMMENT ON TABLE shop.sales_2022 IS 'it''s sold'",
            "COMMENT ON COLUMN shop.sales_2022.code IS 'as printed'",
        ),
        operations=(
            MergeClones(schema="shop", into="sales", discriminator="year", type="integer",
                        values={f"sales_{year}": str(year) for year in (2022, 2023, 2024)}),
        ),
        checks=(
            "SELECT count(*) = 1200 AND sum(year) = 400 * 6069 FROM shop.sales",
            "SELECT count(*) = 400 FROM shop.recent",
            "INSERT INTO shop.sales_2023 (shop_id, code) VALUES (1, 'old') RETURNING id > 400 AND year = 2023",
            "INSERT INTO shop.sales (shop_id, code, year) VALUES (1, 'new', 2023) RETURNING id > 401 AND amount = 1.5",
            "SELECT count(*) = 402 FROM shop.sales_2023",
            ("SELECT count(*) = 1 FROM pg_constraint WHERE conrelid = 'shop.sales'::regclass AND contype = 'p' AND "
            "pg_get_constraintdef(oid) = 'PRIMARY KEY (id, year)'"),
            ("SELECT array_agg(conname ORDER BY conname)::text[] = ARRAY['sales_amount_check', 'to 2022'] FROM "
            "pg_constraint WHERE conrelid = 'shop.sales'::regclass AND contype IN ('c', 'f')"),
            "SELECT count(*) = 1 FROM pg_constraint WHERE conrelid = 'shop.sales_2024'::regclass AND conname = 'odd'",
            "SELECT count(*) = 2 FROM pg_index WHERE indrelid = 'shop.sales'::regclass AND indisvalid",
            "SELECT count(*) = 3 FROM pg_index WHERE indrelid = 'shop.sales_2022'::regclass",
            ("SELECT obj_description(oid) = 'it''s sold' AND relacl::text LIKE '%=ar/%' AND relacl::text NOT LIKE "
            "'%=ard/%' AND relacl::text LIKE '%pg_monitor=r*/%' FROM pg_class WHERE oid = 'shop.sales'::regclass"),
            "SELECT to_regclass('shop.sales_2022_id_seq') IS NULL",
            "UPDATE shop.sales SET year = 2024 WHERE code = 'new' RETURNING tableoid = 'shop.sales_2024'::regclass",
        ),
    ),
    "clones, one for each tenant": Scenario(
        setup=(
            "CREATE TABLE shop.notes_a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t text COLLATE \"C\")",
            ("CREATE TABLE shop.notes_b (t text COLLATE \"C\", id bigint GENERATED BY DEFAULT AS IDENTITY "
            "(SEQUENCE NAME shop.counted START WITH 1000 MAXVALUE 90000 CACHE 2) PRIMARY KEY)"),
            "CREATE TABLE shop.links (note_id bigint REFERENCES shop.notes_b)",
            "CREATE TABLE shop.flags_a (f text)",
            "CREATE TABLE shop.flags_b (LIKE shop.flags_a)",
            "INSERT INTO shop.notes_a (t) SELECT 'a' || i FROM generate_series(1, 300) i",
            "INSERT INTO shop.notes_b (t) SELECT 'b' || i FROM generate_series(1, 300) i",
            "INSERT INTO shop.links SELECT id FROM shop.notes_b",
        ),
        operations=(
            MergeClones(schema="shop", into="notes", discriminator="tenant",
                        values={"notes_a": "it's", "notes_b": "\\b"}),
            MergeClones(schema="shop", into="flags", discriminator="tenant", type="uuid",
                        values={f"flags_{n}": f"0000000{n}-0000-0000-0000-000000000000" for n in "ab"}),
        ),
        checks=(
            "SELECT count(*) = 600 AND count(DISTINCT tenant) = 2 FROM shop.notes",
            "INSERT INTO shop.notes (t, tenant) VALUES ('new', 'it''s') RETURNING id > 1299",
            "INSERT INTO shop.notes_b (t) VALUES ('new') ON CONFLICT (id) DO NOTHING RETURNING id > 1300",
            "INSERT INTO shop.links SELECT id FROM shop.notes WHERE t = 'new' AND tenant <> 'it''s' RETURNING true",
            "SELECT count(*) = 0 FROM pg_constraint WHERE conrelid = 'shop.notes'::regclass AND contype = 'p'",
            "SELECT count(*) = 2 FROM pg_inherits WHERE inhparent = 'shop.flags'::regclass",
        ),
    ),
    "a view that takes long": Scenario(
        setup=(
            *ORDERS,
            "CREATE ROLE plan_reader",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO PUBLIC",
            "CREATE VIEW shop.kinds AS SELECT id, substr(note, 1, 2)::varchar(9) AS kind FROM shop.orders",
            ("CREATE VIEW shop.sales WITH (security_barrier = true) AS SELECT customer_id, kind, count(*), sum(amount) "
            "FROM shop.orders JOIN shop.kinds USING (id) WHERE kind IN ('n1', 'n2', 'it''s') GROUP BY 1, 2"),
            "COMMENT ON VIEW shop.sales IS 'it''s \\ slow'",
            "REVOKE ALL ON shop.sales FROM PUBLIC",
            "GRANT SELECT (kind), UPDATE ON shop.sales TO plan_reader",
            "GRANT SELECT ON shop.sales TO pg_monitor WITH GRANT OPTION",
            "CREATE VIEW shop.best AS SELECT * FROM shop.sales WHERE sum > 5000",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA shop REVOKE SELECT ON TABLES FROM PUBLIC",
        ),
        operations=(MaterialiseView(schema="shop", view="sales", key=("customer_id", "kind"), minutes=15),),
        checks=(
            "SELECT count(*) = 1000 AND sum(count) = 1430 FROM shop.sales",
            "SELECT count(*) > 0 FROM shop.best",
            "INSERT INTO shop.orders VALUES (0, 1, now(), 1, 'n1') RETURNING true",
            "SELECT sum(count) = 1430 FROM shop.sales",
            ("SELECT relowner = 'plan_owner'::regrole AND obj_description(oid, 'pg_class') = 'it''s \\ slow' AND "
            "NOT has_table_privilege('plan_reader', oid, 'SELECT') AND "
            "has_column_privilege('plan_reader', oid, 'kind', 'SELECT') AND "
            "has_table_privilege('pg_monitor', oid, 'SELECT WITH GRANT OPTION') FROM pg_class "
            "WHERE oid = 'shop.sales_materialized'::regclass"),
        ),
    ),
    "a view that reads what changes": Scenario(
        setup=(
            *ORDERS,
            "CREATE VIEW shop.spent AS SELECT customer_id, max(note) AS last FROM shop.orders GROUP BY 1",
        ),
        operations=(
            MaterialiseView(schema="shop", view="spent", key=("customer_id",), minutes=90, into="Kept rows",
                            switch=False),
            ChangeColumnType(schema="shop", table="orders", column="customer_id", from_type="integer",
                             to_type="bigint"),
        ),
        checks=(
            "SELECT count(*) = 500 FROM shop.\"Kept rows\" WHERE pg_typeof(customer_id) = 'bigint'::regtype",
        ),
        final=True,
    ),
}  # fmt: skip
