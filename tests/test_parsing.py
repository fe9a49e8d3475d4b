"""What is read from statement texts: tables, conditions, joins; and that no text breaks the reader."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model.uses import Parsed, TableUse
from auditor.parsing import parse


def read(text: str) -> Parsed:
    parsed = parse(text, "postgres")
    assert parsed is not None, text
    return parsed


def use(text: str, name: str) -> TableUse:
    return next(use for use in read(text).uses if use.name == name)


def test_conditions_on_a_table() -> None:
    found = use(
        "SELECT * FROM shop.orders o WHERE o.state = $1 AND at >= $2 AND at < $3 AND o.gone IS NULL "
        "AND kind IN ($4,$5) AND o.tags @> $6 AND lower(o.note) = $7 AND a <> $8 AND b IS NOT NULL "
        "ORDER BY at DESC LIMIT $9",
        "orders",
    )
    assert (found.schema, found.equal, found.ranges, found.below) == ("shop", ("state", "kind"), ("at",), ("at",))
    assert (found.nulls, found.searched, found.computed) == (("gone",), (("tags", "@>"),), ("note",))
    assert (found.order, found.limited, found.alternatives) == (("at",), True, False)


def test_parameters_without_spaces_between_them() -> None:
    assert use("SELECT 1 FROM t WHERE (a,b) = ($1,$2)", "t").equal == ("a", "b")


def test_names_are_folded_as_the_language_does() -> None:
    parsed = read('UPDATE "Shop"."Orders" SET "A" = $1, B = B + $2 WHERE ID = $3')
    assert (parsed.kind, parsed.target, parsed.assigned) == ("update", ("Shop", "Orders"), ("A", "b"))
    assert parsed.uses[0].equal == ("id",)


def test_joins_and_subqueries_are_parts_of_their_own() -> None:
    text = (
        "SELECT 1 FROM a JOIN b ON b.a_id = a.id WHERE a.k = $1 "
        "AND EXISTS (SELECT 1 FROM c WHERE c.b_id = b.id AND c.x = $2)"
    )
    assert use(text, "a").equal == ("k",)
    assert use(text, "a").joined == ("id",)
    assert use(text, "b").joined == ("a_id",)
    assert (use(text, "c").joined, use(text, "c").equal) == (("b_id",), ("x",))


def test_alternatives_are_no_conditions() -> None:
    found = use("SELECT 1 FROM t WHERE a = $1 AND (b = $2 OR c = $3)", "t")
    assert (found.equal, found.alternatives) == (("a",), True)


def test_common_table_expressions_are_no_tables() -> None:
    assert [use.name for use in read("WITH q AS (SELECT * FROM t WHERE a = $1) SELECT * FROM q WHERE b = $2").uses] == [
        "t"
    ]


def test_deletes_and_locks() -> None:
    parsed = read("DELETE FROM ONLY log WHERE at < now() - interval $1")
    assert (parsed.kind, parsed.target, parsed.uses[0].below) == ("delete", (None, "log"), ("at",))
    assert read("SELECT id FROM jobs WHERE NOT done ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED").skips_locked


@pytest.mark.parametrize(
    "text", ["", "VACUUM FULL t", "SELECT FROM WHERE", "SELECT (" * 500, "COPY t FROM STDIN", "\x00$1"]
)
def test_what_cannot_be_read_is_none_or_read(text: str) -> None:
    parsed = parse(text, "postgres")
    assert parsed is None or not parsed.uses


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    parse(f"SELECT * FROM t WHERE {text}", "postgres")
