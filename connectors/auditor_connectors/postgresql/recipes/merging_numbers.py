"""Keeps the numbers of a companion that has some of its own, besides the key of the table that it belongs to.

The number becomes a column like any other: it is NULL where a row has no part, so it cannot have a default there. The
view draws it for whoever inserts a part by the old name, from the sequence as before; an identity, which a view cannot
have, makes way for a sequence of the same name and position.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Key
from auditor_connectors.postgresql.recipes.companions import Companion
from auditor_connectors.postgresql.recipes.restoring import owned
from auditor_connectors.postgresql.recipes.sql import ident, literal, qualified, short_hash

_TYPES = {16: "smallint", 32: "integer"}


def numbers(plan: Companion) -> list[tuple[Column, Key]]:
    """The columns that the database numbers, with their sequences."""
    return [(column, column.sequence) for column in plan.moved if column.sequence is not None]


def default_of(column: Column) -> str | None:
    """Write what an INSERT that does not name the column gives it."""
    if column.identity is not None and column.sequence is not None:
        return f"nextval({literal(qualified(column.sequence))}::regclass)"
    return column.default


def draw_from_sequence(plan: Companion) -> Iterator[str]:
    """Write the statements that put a sequence in the place of each identity of the old table."""
    for column, sequence in numbers(plan):
        if column.identity is None:
            continue
        spare = _spare(sequence)
        kind = _TYPES.get(column.bits or 64, "bigint")
        yield f"CREATE SEQUENCE {qualified(spare)} AS {kind}{_options(plan, sequence)}"
        yield _position(sequence, spare)
        yield f"ALTER TABLE {qualified(plan.old)} ALTER COLUMN {ident(column.name)} DROP IDENTITY"
        yield f"ALTER SEQUENCE {qualified(spare)} RENAME TO {ident(sequence[1])}"
        yield from owned(plan.other, sequence, "SEQUENCE")
        yield f"ALTER SEQUENCE {qualified(sequence)} OWNED BY {qualified(plan.old)}.{ident(column.name)}"
        for grantee in _writers(plan):
            to = "PUBLIC" if grantee == "PUBLIC" else ident(grantee)
            yield f"GRANT USAGE ON SEQUENCE {qualified(sequence)} TO {to}"


def draw_from_identity(plan: Companion) -> Iterator[str]:
    """Write the statements that give the companion, which bears its name again, its identities back."""
    for column, sequence in numbers(plan):
        if column.identity is None:
            continue
        spare, kind = _spare(sequence), "ALWAYS" if column.identity == "always" else "BY DEFAULT"
        alter = f"ALTER TABLE {qualified(plan.other.key)} ALTER COLUMN {ident(column.name)}"
        options = f"SEQUENCE NAME {qualified(spare)}{_options(plan, sequence)}"
        yield f"{alter} ADD GENERATED {kind} AS IDENTITY ({options})"
        yield _position(sequence, spare)
        yield f"DROP SEQUENCE {qualified(sequence)}"
        yield f"ALTER SEQUENCE {qualified(spare)} RENAME TO {ident(sequence[1])}"


def hand_over(plan: Companion) -> Iterator[str]:
    """Write the statements that keep the sequences when the old table goes, as those of the table that stays."""
    for column, key in numbers(plan):
        sequence = plan.facts.sequence(key)
        if column.identity is None and (
            sequence is None or (sequence.owner_schema, sequence.owner_table) != plan.other.key
        ):
            continue
        yield f"ALTER SEQUENCE {qualified(key)} OWNED BY NONE"
        yield from owned(plan.table, key, "SEQUENCE")
        yield f"ALTER SEQUENCE {qualified(key)} OWNED BY {qualified(plan.table.key)}.{ident(plan.names[column.name])}"


def _spare(sequence: Key) -> Key:
    return (sequence[0], f"auditor_numbers_{short_hash(*sequence)}")


def _position(source: Key, target: Key) -> str:
    return f"SELECT setval({literal(qualified(target))}, last_value, is_called) FROM {qualified(source)}"


def _options(plan: Companion, key: Key) -> str:
    sequence = plan.facts.sequence(key)
    if sequence is None:
        return ""
    return (
        f" INCREMENT BY {sequence.increment} MINVALUE {sequence.minimum} MAXVALUE {sequence.maximum} "
        f"START WITH {sequence.start} CACHE {sequence.cache}{' CYCLE' if sequence.cycle else ''}"
    )


def _writers(plan: Companion) -> list[str]:
    """Those who may insert: an identity asks for no privilege of its own, a sequence does."""
    key = plan.other.key
    grants = (*plan.facts.grants_on("table", *key), *plan.facts.grants_on("column", *key))
    return sorted({one.grantee for one in grants if "INSERT" in one.privileges and not one.default})
