"""Lets tables that become the partitions of one draw their numbers from one sequence, and takes that back.

Rows come to a partition by its own name and by that of the whole. Two sequences would give the same number twice, so
all of them draw from a new one, which begins after the last of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Key, Table
from auditor.model.catalog import Sequence as SequenceObject
from auditor_connectors.postgresql.recipes.clones import Clones
from auditor_connectors.postgresql.recipes.restoring import owned
from auditor_connectors.postgresql.recipes.sql import ident, literal, qualified, relation_name

_TYPES = {16: "smallint", 32: "integer"}


def numbered(plan: Clones) -> list[Column]:
    """The columns of the first table that each table numbers by a sequence of its own."""
    return [
        column
        for column in plan.first.columns
        if len({one.sequence for one in plan.same(column)}) > 1 or column.identity is not None
    ]


def common_sequence(plan: Clones, column: Column) -> Key:
    """Name the sequence from which all of the tables draw a column's numbers."""
    return (plan.key[0], relation_name(plan.facts, plan.key, (column.name,), "seq"))


def _own(plan: Clones, column: Column) -> Iterator[tuple[Table, Column, Key]]:
    for table in plan.tables:
        own = table.column(column.name)
        if own is not None and own.sequence is not None:
            yield table, own, own.sequence


def make_sequences(plan: Clones) -> Iterator[str]:
    """Write the statements that make the common sequences, where the tables' own have got to."""
    for column in numbered(plan):
        sequence = common_sequence(plan, column)
        name = qualified(sequence)
        yield f"CREATE SEQUENCE {name} AS {_TYPES.get(column.bits or 64, 'bigint')}"
        yield from owned(plan.first, sequence, "SEQUENCE")
        for grantee in _writers(plan):
            yield f"GRANT USAGE ON SEQUENCE {name} TO {'PUBLIC' if grantee == 'PUBLIC' else ident(grantee)}"
        reached = ", ".join(f"(SELECT last_value FROM {qualified(own)})" for _, _, own in _own(plan, column))
        yield f"SELECT setval({literal(name)}, greatest({reached}))"


def _writers(plan: Clones) -> list[str]:
    """Those who may write one of the tables: an identity asks for no privilege of its own, a default does."""
    grants = (one for table in plan.tables for one in (
        *plan.facts.grants_on("table", *table.key), *plan.facts.grants_on("column", *table.key)))  # fmt: skip
    return sorted({one.grantee for one in grants if "INSERT" in one.privileges and not one.default})


def draw_together(plan: Clones) -> Iterator[str]:
    """Write the statements that let every table, and the merged one, draw from the common sequences."""
    for column in plan.first.columns:
        name = ident(column.name)
        if column in numbered(plan):
            sequence = common_sequence(plan, column)
            default = f"nextval({literal(qualified(sequence))}::regclass)"
            yield f"ALTER SEQUENCE {qualified(sequence)} OWNED BY {qualified(plan.key)}.{name}"
            for table, own, _ in _own(plan, column):
                alter = f"ALTER TABLE {qualified(table.key)} ALTER COLUMN {name}"
                if own.identity is not None:
                    yield f"{alter} DROP IDENTITY"
                yield f"{alter} SET DEFAULT {default}"
        elif column.sequence is not None:
            default = column.default or "NULL"
        else:
            continue
        yield f"ALTER TABLE {qualified(plan.key)} ALTER COLUMN {name} SET DEFAULT {default}"


def draw_apart(plan: Clones) -> Iterator[str]:
    """Write the statements that give every table its own sequence back, beyond all that was drawn meanwhile."""
    for column in numbered(plan):
        reached = f"(SELECT last_value FROM {qualified(common_sequence(plan, column))})"
        for table, own, sequence in _own(plan, column):
            name = qualified(sequence)
            alter = f"ALTER TABLE {qualified(table.key)} ALTER COLUMN {ident(own.name)}"
            if own.identity is not None:
                yield f"{alter} DROP DEFAULT"
                generated = "ALWAYS" if own.identity == "always" else "BY DEFAULT"
                options = _options(plan.facts.sequence(sequence))
                yield f"{alter} ADD GENERATED {generated} AS IDENTITY (SEQUENCE NAME {name}{options})"
                yield f"SELECT setval({literal(name)}, {reached})"
            else:
                yield f"{alter} SET DEFAULT {own.default}"
                yield f"SELECT setval({literal(name)}, greatest(last_value, {reached})) FROM {name}"


def _options(sequence: SequenceObject | None) -> str:
    if sequence is None:
        return ""
    return (
        f" START WITH {sequence.start} MINVALUE {sequence.minimum} MAXVALUE {sequence.maximum} CACHE {sequence.cache}"
    )


def retired_sequences(plan: Clones) -> list[Key]:
    """The sequences of the tables that nothing draws from any more, but for those that others draw from too."""
    found = []
    for column in numbered(plan):
        for table, own, key in _own(plan, column):
            sequence = plan.facts.sequence(key)
            fed = (table.schema, table.name, own.name)
            if own.identity is None and sequence is not None and set(sequence.fed) <= {fed}:
                owner = (sequence.owner_schema, sequence.owner_table)
                found += [key] if owner == table.key else []
    return found
