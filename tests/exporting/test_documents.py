"""The properties of columns that take over a key of a document, on values that a real server writes and reads."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from auditor.exporting.orm.documents import helpers, in_document
from auditor_connectors.postgresql.exporting.orm import column_class
from tests.servers import AnyServer, connect


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What is known in a file of models with both functions."""
    known = {
        "Any": Any, "Callable": Callable, "Sequence": Sequence, "datetime": dt, "decimal": decimal, "json": json,
        "uuid": uuid,
    }  # fmt: skip
    exec("\n".join(helpers("read_key( with_key(")), known)
    return known


@pytest.mark.parametrize(("kind", "value"), [
    ("bigint", "'7'"), ("numeric", "1.50"), ("double precision", "0.25"), ("boolean", "true"), ("boolean", "false"),
    ("text", "'a ''word'"), ("uuid", "gen_random_uuid()"), ("date", "'2024-02-29'"), ("time", "'10:20:30.5'"),
    ("timestamp", "'2024-02-29 10:20:30.25'"), ("timestamptz", "'2024-02-29 10:20:30.25+02'"),
    ("character varying(9)", "'x'"),
])  # fmt: skip
def test_a_value_of_a_document_is_that_of_the_column(
    kind: str, value: str, names: dict[str, Any], server: AnyServer
) -> None:
    known = column_class(kind)
    assert known is not None
    with connect(server) as connection:
        both = f"SELECT v, jsonb_build_object('k', v) FROM (SELECT {value}::{kind}) t(v)"
        row = connection.execute(both.encode()).fetchone()
        assert row is not None
        column, document = row
        read = eval(f"read_key(document, ('k',), {known.parser})", {**names, "document": document})
        assert (read, type(read)) == (column, type(column))
        made = eval(in_document(known.python), {"value": column})
        written = json.dumps(names["with_key"](None, ("a", "k"), made))
        same = f"SELECT (%s::jsonb #>> '{{a,k}}')::{kind} = %s::{kind}"
        assert connection.execute(same.encode(), (written, column)).fetchone() == (True,)


@pytest.mark.parametrize(
    "document",
    [None, {}, [1], 7, {"k": None}, {"k": "a word"}, {"k": "2024-02-30"}, {"k": {"deep": 1}}],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["bigint", "numeric", "date", "timestamptz", "boolean", "uuid"])
def test_what_does_not_fit_is_nothing(kind: str, document: object, names: dict[str, Any]) -> None:
    known = column_class(kind)
    assert known is not None
    assert eval(f"read_key(document, ('k',), {known.parser})", {**names, "document": document}) is None


def test_a_document_changes_in_its_key_alone(names: dict[str, Any]) -> None:
    with_key, old = names["with_key"], {"a": {"k": 1, "other": 2}, "b": 3}
    assert with_key(old, ("a", "k"), 5) == {"a": {"k": 5, "other": 2}, "b": 3}
    assert with_key(old, ("a", "k"), None) == {"a": {"other": 2}, "b": 3}
    assert old == {"a": {"k": 1, "other": 2}, "b": 3}
    for document in (None, {}, [1], 7):
        assert with_key(document, ("a", "k"), None) is document
    for document in ([1], 7):
        assert with_key(document, ("a", "k"), 5) is document
