"""Recipes for indexes: built while clients write, and hidden before they are dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditor.connector import Draft
from auditor.model.catalog import Index, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import AddIndex, DropIndex
from auditor.model.vocabulary import Phase
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.accepted import Change, way
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.queries import all_of, index_is, index_is_hidden, index_is_unseen, no_duplicates
from auditor_connectors.mysql.recipes.sql import bare_index, free_name, index_names
from auditor_connectors.mysql.recipes.steps import HIDDEN_DAYS

KEY_BYTES = 3072
"""What a column may take of an index in the DYNAMIC row format: manual, "InnoDB Limits"."""

_CHARACTER_BYTES = {"utf8mb4": 4, "utf8mb3": 3, "utf8": 3, "utf16": 4, "utf32": 4, "ucs2": 2}
_LONG_TEXTS = ("text", "blob", "json", "geometry")
_PREFIX_CHARACTERS = 100
"""How much of an unlimited text an index holds: it tells values apart, and fits in every character set."""

_WITHOUT = "The server has no partial indexes: this one holds all rows, which serves the same queries and costs more."
_HINTS = "A statement that names it in USE INDEX or FORCE INDEX fails from now on (error 1176): look for such hints."


def add_index(operation: AddIndex, facts: Facts) -> Iterator[Draft]:
    """Build it in place while reads and writes go on; hide and drop what it replaces last."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    parts = [*key_parts(table, (*operation.columns, *operation.include)), *(f"({e})" for e in operation.expressions)]
    method = (operation.method or "btree").lower()
    kind: Change = "add-search-index" if method in ("fulltext", "spatial") else "add-index"
    if operation.expressions:
        kind = "add-expression-index"
    word = f"{method.upper()} " if kind == "add-search-index" else "UNIQUE " if operation.unique else ""
    name = free_name((key[1], *(operation.columns or ("expr",))), "idx", index_names(facts, key))
    index = NewIndex(key, name, tuple(parts), kind, word, operation.columns, operation.unique)
    yield from build(facts, Phase.EXPAND, index, notes=(_WITHOUT,) if operation.predicate else ())
    if operation.replaces is not None:
        drop = DropIndex(schema=key[0], table=key[1], name=operation.replaces, covered_by=f"{key[1]}.{name}")
        yield from drop_index(drop, facts)


class NewIndex(NamedTuple):
    """An index to build. ``parts`` are its columns and expressions as they are written; ``word`` precedes INDEX."""

    table: Key
    name: str
    parts: tuple[str, ...]
    kind: Change = "add-index"
    word: str = ""
    columns: tuple[str, ...] = ()
    unique: bool = False


def build(
    facts: Facts, phase: Phase, index: NewIndex, *, notes: tuple[str, ...] = (), verify: str | None = None
) -> Iterator[Draft]:
    """Draft the building of an index.

    ``verify`` is true where another index will do; without it the one of this name is looked for.
    """
    key, name = index.table, index.name
    alone = no_duplicates(key, index.columns) if index.unique else None
    yield from alter(
        facts,
        phase,
        f"Build the {index.word.lower()}index {name} on {'.'.join(key)}",
        Alteration(key, index.kind, f"ADD {index.word}INDEX {ident(name)} ({', '.join(index.parts)})"),
        verify=verify or index_is(key, name),
        precondition=all_of(index_is(key, name, absent=True), alone),
        rollback=(statement(facts, key, "drop-index", f"DROP INDEX {ident(name)}"),),
        index_bytes=estimates.index_disk(facts, facts.table(key), index.columns),
        notes=notes,
    )


def key_parts(table: Table | None, columns: Sequence[str]) -> tuple[str, ...]:
    """Write the columns of an index, with as much of a long text as it takes."""
    parts = []
    for name in columns:
        column = table.column(name) if table is not None else None
        length = None
        if column is not None and column.family in ("text", "char", "binary"):
            widest = KEY_BYTES // _CHARACTER_BYTES.get(column.character_set or "", 1)
            if any(word in column.type for word in _LONG_TEXTS):
                length = _PREFIX_CHARACTERS
            elif (column.length or 0) > widest:
                length = widest
        parts.append(ident(name) + (f"({length})" if length else ""))
    return tuple(parts)


def drop_index(operation: DropIndex, facts: Facts) -> Iterator[Draft]:
    """Hide it from the optimizer, watch, then drop it: showing it again takes no time, building it again does."""
    key, name = (operation.schema, operation.table), bare_index(operation.table, operation.name)
    index = facts.index((operation.schema, operation.name))
    path = f"{'.'.join(key)}.{name}"
    cover = bare_index(operation.table, operation.covered_by) if operation.covered_by else None
    precondition = index_is(key, cover) if cover is not None else None
    why = (
        f"{'.'.join(key)}.{cover} serves in its place."
        if cover is not None
        else "Nothing has used it since the server started; replicas count for themselves: look there too."
    )
    hidden = index is not None and not index.visible
    hides = way(facts, "hide-index", facts.table(key)) is not None and not hidden
    word = "IGNORED" if facts.target.engine == "mariadb" else "INVISIBLE"
    shown = "NOT IGNORED" if facts.target.engine == "mariadb" else "VISIBLE"
    if hides:
        yield from alter(
            facts,
            Phase.SWITCH,
            f"Hide the index {path} from the optimizer",
            Alteration(key, "hide-index", f"ALTER INDEX {ident(name)} {word}"),
            verify=index_is_unseen(facts, key, name),
            precondition=precondition,
            rollback=(statement(facts, key, "hide-index", f"ALTER INDEX {ident(name)} {shown}"),),
            notes=(why, "It is kept up to date, and shows again at once if a query turns out to need it.", _HINTS),
        )
    days = max(operation.observe_days, HIDDEN_DAYS) if hides or hidden else operation.observe_days
    yield from alter(
        facts,
        Phase.CONTRACT,
        f"Drop the index {path}",
        Alteration(key, "drop-index", f"DROP INDEX {ident(name)}"),
        verify=index_is(key, name, absent=True),
        precondition=all_of(precondition, index_is_hidden(facts, key, name) if hides or hidden else None),
        rollback=recreate(facts, index, word if hides or hidden else ""),
        reversible=index is not None,
        observe_days=days,
        notes=(why, _frees(index)),
    )


def recreate(facts: Facts, index: Index | None, visibility: str = "") -> tuple[str, ...]:
    """Write the statement that builds a dropped index again as the catalog describes it."""
    if index is None:
        return ()
    kind: Change = "add-search-index" if index.method in ("fulltext", "spatial") else "add-index"
    word = f"{index.method.upper()} " if kind == "add-search-index" else "UNIQUE " if index.unique else ""
    if any(part.expression for part in index.parts):
        kind = "add-expression-index"
    parts = [
        (f"({part.expression})" if part.expression else ident(part.column or ""))
        + (f"({part.length})" if part.length and index.method != "spatial" else "")
        + (" DESC" if part.descending else "")
        for part in index.parts
    ]
    name = bare_index(index.table, index.name)
    tail = f" {visibility}" if visibility else ""
    clauses = f"ADD {word}INDEX {ident(name)} ({', '.join(parts)}){tail}"
    return (statement(facts, index.table_key, kind, clauses),)


def _frees(index: Index | None) -> str:
    size = None if index is None else index.bytes
    return "Its size is not known." if size is None else f"It frees {estimates.human_bytes(size)}."
