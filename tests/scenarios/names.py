"""Names that a database may hold, and that nothing may trip over: neither a plan nor who copies it from a report."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.operation import (
    AddCheck,
    AddForeignKey,
    AddIndex,
    AddPrimaryKey,
    AddUnique,
    ChangeColumnType,
    CreateStatistics,
    DropConstraint,
    DropIndex,
    MaterialiseView,
    MergeClones,
    MergeTables,
    PartitionTable,
    Revoke,
    SetNotNull,
    SetRoutineSetting,
    SetTableOptions,
    SplitTable,
    UseIdentity,
    ValidateConstraint,
)
from tests.scenarios.base import Scenario

ODD = 'Odd "t" \' ; --\n\U0001f600 %s {table}\t\x1b[31m'
ODD_COLUMN = 'c "x" \\ \u202e\u00e9 %I {range}\n'
LONG = "\u00e9" * 31 + "\r"  # 63 bytes
SHORT = "\u2028 ON a USING b, \U0001f468\u200d\U0001f469"


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_TABLE, _COLUMN, _LONG, _SHORT = quote(ODD), quote(ODD_COLUMN), quote(LONG), quote(SHORT)
_DOLLAR = quote("$$ $auditor$\n{a}")

SCENARIOS: Mapping[str, Scenario] = {
    "odd names": Scenario(
        setup=(
            f"CREATE TABLE shop.{_TABLE} ({_COLUMN} int NOT NULL, {_LONG} int, page int, batch text)",
            f"INSERT INTO shop.{_TABLE} SELECT i, i, i, 'b' || i FROM generate_series(1, 2000) i",
        ),
        operations=(
            AddIndex(schema="shop", table=ODD, columns=(LONG, ODD_COLUMN)),
            AddIndex(schema="shop", table=ODD, columns=(ODD_COLUMN,), predicate=f"{_COLUMN} > 5"),
            SetNotNull(schema="shop", table=ODD, column=LONG),
            AddPrimaryKey(schema="shop", table=ODD, columns=(ODD_COLUMN,)),
            AddCheck(schema="shop", table=ODD, name=LONG, expression=f"{_COLUMN} > 0"),
            ChangeColumnType(schema="shop", table=ODD, column="page", from_type="integer", to_type="bigint"),
            CreateStatistics(schema="shop", table=ODD, columns=(LONG, ODD_COLUMN)),
            SetTableOptions(schema="shop", table=ODD, options={"fillfactor": "90"}),
        ),
    ),
    "odd names of what changes its type": Scenario(
        setup=(
            f"CREATE TABLE shop.{_LONG} ({_COLUMN} int PRIMARY KEY)",
            (
                f"CREATE TABLE shop.{_TABLE} (id int PRIMARY KEY, {_COLUMN} int CONSTRAINT {_SHORT} REFERENCES "
                f"shop.{_LONG}, {_LONG} text DEFAULT E'a\\n', CONSTRAINT {_COLUMN} CHECK ({_COLUMN}::text <> E'\\x1b'))"
            ),
            f"CREATE INDEX {_COLUMN} ON shop.{_TABLE} ({_COLUMN}) WHERE {_LONG} <> E'b\\n'",
            f"CREATE VIEW shop.{_SHORT} AS SELECT id, {_COLUMN} FROM shop.{_TABLE} WHERE {_LONG} <> E'c\\t'",
            f"INSERT INTO shop.{_LONG} SELECT generate_series(1, 2000)",
            f"INSERT INTO shop.{_TABLE} SELECT i, i, 'b' || i FROM generate_series(1, 2000) i",
        ),
        operations=(
            ChangeColumnType(schema="shop", table=LONG, column=ODD_COLUMN, from_type="integer", to_type="bigint"),
        ),
    ),
    "odd names of what is replaced": Scenario(
        setup=(
            f"CREATE TABLE shop.{_LONG} ({_COLUMN} int PRIMARY KEY)",
            f"CREATE SEQUENCE shop.{_SHORT}",
            (
                f"CREATE TABLE shop.{_TABLE} (id int PRIMARY KEY, {_COLUMN} int CONSTRAINT {_COLUMN} REFERENCES "
                f"shop.{_LONG}, {_LONG} text CONSTRAINT {_LONG} CHECK ({_LONG} <> E'\\x1b'), tags text)"
            ),
            f"ALTER TABLE shop.{_TABLE} ADD CONSTRAINT {_SHORT} CHECK ({_COLUMN} > 0) NOT VALID",
            f"ALTER SEQUENCE shop.{_SHORT} OWNED BY shop.{_TABLE}.id",
            f"ALTER TABLE shop.{_TABLE} ALTER id SET DEFAULT nextval($$shop.{_SHORT}$$)",
            f"CREATE INDEX {_COLUMN} ON shop.{_TABLE} ({_LONG}) WHERE {_LONG} <> E'b\\n'",
            f"INSERT INTO shop.{_LONG} SELECT generate_series(1, 2000)",
            f"INSERT INTO shop.{_TABLE} ({_COLUMN}, {_LONG}, tags) SELECT i, i, 'a,b' FROM generate_series(1, 2000) i",
        ),
        operations=(
            AddForeignKey(schema="shop", table=ODD, columns=(ODD_COLUMN,), referenced_schema="shop",
                          referenced_table=LONG, referenced_columns=(ODD_COLUMN,), on_delete="cascade",
                          replaces=ODD_COLUMN),
            AddUnique(schema="shop", table=ODD, columns=(ODD_COLUMN,)),
            DropIndex(schema="shop", table=ODD, name=ODD_COLUMN),
            DropConstraint(schema="shop", table=ODD, name=LONG),
            ValidateConstraint(schema="shop", table=ODD, name=SHORT),
            UseIdentity(schema="shop", table=ODD, column="id", sequence_schema="shop", sequence=SHORT),
            SplitTable(schema="shop", table=ODD, columns=("tags",), into=f"tags of\n{SHORT}"),
        ),
        final=True,
    ),
    "odd names of a companion": Scenario(
        setup=(
            f"CREATE TABLE shop.{_LONG} ({_COLUMN} int PRIMARY KEY, {_SHORT} text)",
            (
                f"CREATE TABLE shop.{_TABLE} ({_SHORT} text DEFAULT E'a\\n', {_LONG} text NOT NULL CONSTRAINT {_LONG} "
                f"CHECK ({_LONG} <> E'\\x1b' AND {_COLUMN} > 0), {_COLUMN} int PRIMARY KEY CONSTRAINT {_SHORT} "
                f"REFERENCES shop.{_LONG}, \"new\" int, \"found\" text, {_DOLLAR} int)"
            ),
            f"CREATE INDEX {_COLUMN} ON shop.{_TABLE} ({_SHORT}, (\"new\" + {_COLUMN})) WHERE {_LONG} <> E'b\\n'",
            f"COMMENT ON COLUMN shop.{_TABLE}.{_LONG} IS E'it''s\\n'",
            f"INSERT INTO shop.{_LONG} SELECT i, 's' || i FROM generate_series(1, 900) i",
            f"INSERT INTO shop.{_TABLE} SELECT 'a' || i, 'b', i, i, 'f' FROM generate_series(1, 900, 2) i",
        ),
        operations=(MergeTables(schema="shop", table=LONG, other=ODD, names={"found": ODD}),),
        checks=(
            f"SELECT count(*) = 900 AND count({_TABLE}) = 450 AND count(\"new\") = 450 FROM shop.{_LONG}",
            f"SELECT array_agg({_LONG}) = ARRAY['b'] FROM shop.{_LONG} WHERE {_COLUMN} = 3",
        ),
    ),
    "odd names of clones": Scenario(
        setup=(
            (
                f"CREATE TABLE shop.{_TABLE} ({_COLUMN} serial PRIMARY KEY, {_LONG} text DEFAULT E'a\\n' CONSTRAINT "
                f"{_COLUMN} CHECK ({_LONG} <> E'\\x1b'))"
            ),
            (
                f"CREATE TABLE shop.{_LONG} ({_COLUMN} serial PRIMARY KEY, {_LONG} text DEFAULT E'a\\n' CONSTRAINT "
                f"{_LONG} CHECK ({_LONG} <> E'\\x1b'))"
            ),
            f"CREATE INDEX {_DOLLAR} ON shop.{_TABLE} ({_LONG}) WHERE {_LONG} <> E'b\\n'",
            f"CREATE INDEX ON shop.{_LONG} ({_LONG}) WHERE {_LONG} <> E'b\\n'",
            f"COMMENT ON COLUMN shop.{_LONG}.{_COLUMN} IS E'it''s\\n'",
            f"INSERT INTO shop.{_LONG} ({_LONG}) SELECT 's' || i FROM generate_series(1, 400) i",
            f"INSERT INTO shop.{_TABLE} ({_LONG}) SELECT 's' || i FROM generate_series(1, 300) i",
        ),
        operations=(
            MergeClones(schema="shop", into=SHORT, discriminator=ODD, values={ODD: ODD_COLUMN, LONG: SHORT}),
        ),
        checks=(
            f"SELECT count(*) = 700 AND count(DISTINCT {_TABLE}) = 2 FROM shop.{_SHORT}",
            f"INSERT INTO shop.{_LONG} DEFAULT VALUES RETURNING {_COLUMN} > 400",
        ),
    ),
    "odd names of partitions": Scenario(
        setup=(
            f"CREATE TABLE shop.{_TABLE} (id int PRIMARY KEY, {_COLUMN} date NOT NULL, {_LONG} int)",
            f"CREATE INDEX {_SHORT} ON shop.{_TABLE} ({_LONG}) WHERE {_LONG} > 5",
            f"INSERT INTO shop.{_TABLE} SELECT i, date '2024-01-01' + i, i FROM generate_series(1, 900) i",
        ),
        operations=(PartitionTable(schema="shop", table=ODD, column=ODD_COLUMN, interval="year"),),
        final=True,
    ),
    "odd names of a view": Scenario(
        setup=(
            f"CREATE TABLE shop.{_LONG} ({_COLUMN} int PRIMARY KEY, {_SHORT} text)",
            f"INSERT INTO shop.{_LONG} SELECT i, 'a' FROM generate_series(1, 300) i",
            (
                f"CREATE VIEW shop.{_TABLE} AS SELECT {_COLUMN}, {_SHORT} AS {_LONG} FROM shop.{_LONG} "
                f"WHERE {_SHORT} <> E'c\\t'"
            ),
            f"CREATE VIEW shop.{_COLUMN} AS SELECT count(*) AS {_TABLE} FROM shop.{_LONG}",
        ),
        operations=(
            MaterialiseView(schema="shop", view=ODD, key=(ODD_COLUMN, LONG), minutes=60),
            MaterialiseView(schema="shop", view=ODD_COLUMN, key=(ODD,), minutes=60, into=f"rows of {SHORT}"),
        ),
        checks=(f"SELECT count(*) = 300 FROM shop.{_TABLE}",),
    ),
    "odd names of what may be called": Scenario(
        setup=(
            f"CREATE FUNCTION shop.{_TABLE}({_COLUMN} int) RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
            f"CREATE TABLE shop.{_LONG} (a int)",
            f"GRANT UPDATE ON shop.{_LONG} TO PUBLIC",
        ),
        operations=(
            Revoke(object_kind="table", schema="shop", name=LONG, privileges=("UPDATE",), grantee="PUBLIC"),
            Revoke(object_kind="function", schema="shop", name=ODD, arguments=f"{_COLUMN} integer",
                   privileges=("EXECUTE",), grantee="PUBLIC"),
            SetRoutineSetting(schema="shop", name=ODD, arguments=f"{_COLUMN} integer", setting="search_path",
                              value="pg_catalog, shop, pg_temp"),
        ),
    ),
}  # fmt: skip
