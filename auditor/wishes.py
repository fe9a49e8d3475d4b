"""Operations that a team asks for itself: the tables ``[[operations]]`` of ``auditor.toml``.

They are read before anything is asked of a server, and looked up in the snapshot before they are planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast, get_args

import msgspec

from auditor.errors import UsageError
from auditor.model.catalog import Key, Table, dotted
from auditor.model.facts import Facts
from auditor.model.operation import AnyOperation, MergeClones, Operation
from auditor.suggest import nearest

KINDS: Mapping[str, type[Operation]] = MappingProxyType(
    {str(kind.__struct_config__.tag): kind for kind in sorted(get_args(AnyOperation), key=lambda one: one.__name__)}
)
"""Every kind of operation by its tag."""

_TABLES = (
    ("schema", "table"),
    ("referenced_schema", "referenced_table"),
    ("partition_schema", "partition"),
    ("schema", "other"),
)
"""The fields by which operations name tables that must be there."""

_COLUMNS = (
    (("schema", "table"), ("column", "columns", "include", "period")),
    (("referenced_schema", "referenced_table"), ("referenced_columns",)),
    (("schema", "other"), ("names",)),
)
"""The fields that name columns of such a table."""


def fields_of(kind: type[Operation]) -> Iterator[msgspec.structs.FieldInfo]:
    """List the fields of a kind that may be asked for: all but those that follow from others or the planner sets."""
    for field in msgspec.structs.fields(kind):
        if field.name != "id" and field.name not in kind.planner_fields:
            yield field


def decode_wishes(path: Path, tables: object) -> tuple[AnyOperation, ...]:
    """Read the tables ``[[operations]]``.

    Raises:
        UsageError: a kind or field is unknown (the message offers the nearest valid one), missing or of a wrong type.

    """
    if not isinstance(tables, list):
        raise UsageError(f"{path}: operations is no list of tables", "write [[operations]] above each")
    return tuple(_decode(f"{path}: operation {number}", table) for number, table in enumerate(tables, start=1))


def _decode(where: str, table: Any) -> AnyOperation:
    name = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(name, str):
        raise UsageError(f"{where} has no kind", 'write kind = "…"; docs/operations.md lists the kinds')
    kind = KINDS.get(name)
    if kind is None:
        raise UsageError(f"{where} is of no known kind: {name}", nearest(name, KINDS))
    known = [field.name for field in fields_of(kind)]
    for field in table:
        if field not in ("kind", *known):
            raise UsageError(f"{where} ({name}) has an unknown field {field}", nearest(field, known))
    try:
        return cast("AnyOperation", msgspec.convert(table, kind))
    except msgspec.ValidationError as error:
        raise UsageError(f"{where} ({name}): {error}") from error


def look_up(wishes: Iterable[AnyOperation], facts: Facts) -> None:
    """Make sure that the tables, views and columns that operations name are there.

    Raises:
        UsageError: one is not; the message offers the nearest that is.

    """
    for wish in wishes:
        for schema, table in _TABLES:
            _find_table(wish, schema, table, facts)
        for (schema, table), fields in _COLUMNS:
            found = _find_table(wish, schema, table, facts)
            for name in _names(wish, fields) if found is not None else ():
                if found is not None and found.column(name) is None:
                    raise UsageError(
                        f"{_asked(wish)}: {found.path} has no column {name}",
                        nearest(name, [column.name for column in found.columns]),
                    )
        _look_up_view(wish, facts)
        if isinstance(wish, MergeClones):
            for name in wish.values:
                _look_up_table(wish, (wish.schema, name), facts)


def _look_up_view(wish: AnyOperation, facts: Facts) -> None:
    """Make sure that the view and the columns of it that an operation names are there, where it names one."""
    name = getattr(wish, "view", None)
    if name is None:
        return
    key = (getattr(wish, "schema", None) or "", name)
    found = facts.view(key)
    if found is None:
        raise UsageError(
            f"{_asked(wish)}: there is no view {dotted(*key)}", nearest(dotted(*key), [one.path for one in facts.views])
        )
    known = [column for column, _ in found.columns]
    for column in _names(wish, ("key",)) if known else ():
        if column not in known:
            raise UsageError(f"{_asked(wish)}: {found.path} has no column {column}", nearest(column, known))


def _find_table(wish: AnyOperation, schema: str, table: str, facts: Facts) -> Table | None:
    """Return the table that a pair of fields names, None where the operation has no such fields."""
    name = getattr(wish, table, None)
    if name is None:
        return None
    return _look_up_table(wish, (getattr(wish, schema, None) or "", name), facts)


def _look_up_table(wish: AnyOperation, key: Key, facts: Facts) -> Table:
    found = facts.table(key)
    if found is None:
        known = [one.path for one in facts.catalog.tables]
        raise UsageError(f"{_asked(wish)}: there is no table {dotted(*key)}", nearest(dotted(*key), known))
    return found


def _names(wish: AnyOperation, fields: Sequence[str]) -> Iterator[str]:
    for field in fields:
        value = getattr(wish, field, None)
        if value is not None:
            yield from (value,) if isinstance(value, str) else value


def _asked(wish: AnyOperation) -> str:
    return f"auditor.toml asks for {wish.kind}"
