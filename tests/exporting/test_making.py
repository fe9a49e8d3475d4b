"""What is read from the statements of a plan: columns with their rules, indexes, views, and what keeps rows."""

from __future__ import annotations

import pytest

from auditor.model import operation as op
from auditor_connectors.postgresql.exporting.making import made
from auditor_connectors.postgresql.recipes.spelling import spell
from auditor_connectors.postgresql.recipes.sql import literal

TRAP = """a <> ') NOT VALID, ADD CONSTRAINT x CHECK (' AND "b'" > 0"""
OF = {"schema": "s", "table": "t"}


def test_columns_come_with_their_rules() -> None:
    found = made(
        'ALTER TABLE s.t ADD COLUMN a text COLLATE "C, x", ADD COLUMN "b\'" numeric(8,2), ADD COLUMN c s."T, (", ADD '
        f"COLUMN has_t boolean NOT NULL DEFAULT false, ADD CONSTRAINT one CHECK ({TRAP}) NOT VALID, "
        'ADD CONSTRAINT "two CHECK (" CHECK (c IS NULL) NOT VALID'
    )
    assert found is not None
    assert [(one.name, one.type, one.nullable, one.filled) for one in found.columns] == [
        ("a", "text", True, None), ("b'", "numeric(8,2)", True, None), ("c", 's."T, ("', True, None),
        ("has_t", "boolean", False, "default"),
    ]  # fmt: skip
    assert found.checks == (("one", TRAP), ("two CHECK (", "c IS NULL"))


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ('CREATE INDEX CONCURRENTLY i ON s.t USING btree (a, "b,")', op.AddIndex(**OF, columns=("a", "b,"))),
        (
            "CREATE UNIQUE INDEX i ON s.t USING btree (lower(a), b DESC) INCLUDE (c) WHERE (a <> ' WHERE ')",
            op.AddIndex(
                **OF, expressions=("lower(a)", "b DESC"), include=("c",), predicate="(a <> ' WHERE ')", unique=True
            ),
        ),
        (
            "CREATE INDEX i ON s.t USING gin (a) WITH (fastupdate='off') WHERE (b = ')')",
            op.AddIndex(**OF, columns=("a",), method="gin", predicate="(b = ')')"),
        ),
        (
            "CREATE UNIQUE INDEX CONCURRENTLY i ON s.t USING btree (a) NULLS NOT DISTINCT WHERE has_t",
            op.AddUnique(**OF, columns=("a",), nulls_not_distinct=True, predicate="has_t"),
        ),
    ],
)
def test_indexes_are_read_as_the_server_writes_them(statement: str, index: op.AddIndex | op.AddUnique) -> None:
    found = made(statement)
    assert found is not None
    assert (found.name, found.index) == ("i", index)


def test_a_view_says_what_is_behind_its_columns_and_which_are_fixed() -> None:
    found = made(
        'CREATE VIEW s.v AS SELECT CASE WHEN true THEN a.id ELSE a.id END AS t_id, a."x, y" AS "a.b AS c", a.n AS n '
        "FROM s.t a WHERE a.has_v"
    )
    assert found is not None
    assert (found.kind, found.key, dict(found.behind)) == (
        "view", ("t_id",), {"t_id": "id", "a.b AS c": "x, y", "n": "n"},
    )  # fmt: skip


def test_only_what_fills_rows_first_tells_what_keeps_them() -> None:
    found = made('REFRESH MATERIALIZED VIEW s."Kept rows"')
    assert found is not None
    assert (found.kind, found.table) == ("kept", ("s", "Kept rows"))


@pytest.mark.parametrize("text", ["it's", "a\\nb", "a\nb\\\n' \u200d\U000e0001", "''"])
def test_a_comment_is_read_as_it_was_written(text: str) -> None:
    found = made(spell(f"COMMENT ON COLUMN s.t.c IS {literal(text)}"))
    assert found is not None
    assert (found.kind, found.name, found.text) == ("comment", "c", text)


@pytest.mark.parametrize(
    "statement",
    [
        "COMMENT ON COLUMN s.t.c IS NULL",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY s.m",
        "CREATE VIEW s.v AS SELECT 1 AS one FROM s.t",
        "CREATE OR REPLACE VIEW s.v AS SELECT a.n AS n FROM s.t a",
        "ALTER TABLE s.t DROP COLUMN a",
    ],
)
def test_other_statements_make_nothing(statement: str) -> None:
    assert made(statement) is None
