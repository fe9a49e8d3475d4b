"""Recipes for sequences and the columns that they number."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Key, Sequence
from auditor.model.facts import Facts
from auditor.model.operation import AlterSequence, UseIdentity
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes.notnull import forbid_nulls
from auditor_connectors.postgresql.recipes.queries import column_is, sequence_is
from auditor_connectors.postgresql.recipes.restoring import granted, owned
from auditor_connectors.postgresql.recipes.sql import ident, literal, qualified, regclass
from auditor_connectors.postgresql.recipes.steps import SHARE_ROW_EXCLUSIVE, atomically, brief

_TYPES = {16: "smallint", 32: "integer", 64: "bigint"}
_POSITION = "auditor_sequence_position"
_BITS = {name: bits for bits, name in _TYPES.items()}


def alter_sequence(operation: AlterSequence, facts: Facts) -> Iterator[Draft]:
    """Change one property at a time; calls of nextval wait for the instant."""
    key = (operation.schema, operation.name)
    sequence = facts.sequence(key)
    if operation.owned_by is not None:
        yield _own(facts, key, operation.owned_by, sequence)
    if operation.data_type is not None:
        yield _retype(facts, key, operation.data_type, sequence)
    if operation.maximum is not None:
        yield _alter(
            facts,
            key,
            f"Let {'.'.join(key)} count up to {operation.maximum}",
            f"MAXVALUE {operation.maximum}",
            back=None if sequence is None else f"MAXVALUE {sequence.maximum}",
            verify=sequence_is(key, f"seqmax = {operation.maximum}"),
        )
    if operation.restart_after_max_of is not None:
        yield _restart(facts, key, operation.restart_after_max_of, sequence)


def _alter(facts: Facts, key: Key, title: str, change: str, *, back: str | None, verify: str) -> Draft:
    return brief(
        facts,
        Phase.EXPAND,
        title,
        f"ALTER SEQUENCE {qualified(key)} {change}",
        lock=SHARE_ROW_EXCLUSIVE,
        verify=verify,
        rollback=() if back is None else (f"ALTER SEQUENCE {qualified(key)} {back}",),
        notes=("Only nextval of this sequence waits, for the instant of the change.",),
    )


def _retype(facts: Facts, key: Key, data_type: str, sequence: Sequence | None) -> Draft:
    before = _TYPES.get(sequence.bits or 0) if sequence is not None else None
    return _alter(
        facts,
        key,
        f"Let the sequence {'.'.join(key)} count as {data_type}",
        f"AS {data_type}",
        back=None if before is None else f"AS {before}",
        verify=sequence_is(key, f"seqtypid = {literal(data_type)}::regtype"),
    )


def _own(facts: Facts, key: Key, column: tuple[str, str, str], sequence: Sequence | None) -> Draft:
    owner = f"{qualified(column[:2])}.{ident(column[2])}"
    before = "NONE"
    if sequence is not None and sequence.owner_table is not None:
        previous = (sequence.owner_schema or key[0], sequence.owner_table)
        before = f"{qualified(previous)}.{ident(sequence.owner_column or '')}"
    return _alter(
        facts,
        key,
        f"Tie the sequence {'.'.join(key)} to {'.'.join(column)}",
        f"OWNED BY {owner}",
        back=f"OWNED BY {before}",
        verify=(
            "SELECT EXISTS (SELECT FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = "
            f"d.refobjsubid WHERE d.objid = {regclass(key)} AND d.deptype IN ('a', 'i') "
            f"AND d.refobjid = {regclass(column[:2])} AND a.attname = {literal(column[2])})"
        ),
    )


def _restart(facts: Facts, key: Key, column: tuple[str, str, str], sequence: Sequence | None) -> Draft:
    table, name = qualified(column[:2]), ident(column[2])
    largest = f"(SELECT max({name}) FROM {table})"
    before = sequence.last_value if sequence is not None else None
    return brief(
        facts,
        Phase.PREPARE,
        f"Let the sequence {'.'.join(key)} go on after the largest value of {'.'.join(column)}",
        f"SELECT setval({literal(qualified(key))}, greatest({largest}, (SELECT last_value FROM {qualified(key)})))",
        lock="ROW EXCLUSIVE",
        verify=f"SELECT last_value >= coalesce({largest}, last_value) FROM {qualified(key)}",
        rollback=() if before is None else (f"SELECT setval({literal(qualified(key))}, {before})",),
        notes=("Without an index on the column, finding the largest value reads the table, blocking nobody.",),
    )


def use_identity(operation: UseIdentity, facts: Facts) -> Iterator[Draft]:
    """Swap the default for an identity in one short transaction that carries the position and the name over."""
    key, column = (operation.schema, operation.table), operation.column
    old = (operation.sequence_schema, operation.sequence)
    table = facts.table(key)
    found = table.column(column) if table is not None else None
    if found is not None and found.nullable:
        yield from forbid_nulls(facts, key, (column,))
    statements, back = identity_swap(facts, key, column, old)
    yield brief(
        facts,
        Phase.SWITCH,
        f"Let an identity number {'.'.join((*key, column))} in place of the sequence's default",
        *statements,
        precondition=column_is(key, column, "attnotnull"),
        verify=column_is(key, column, "attidentity = 'd'"),
        rollback=back,
        notes=(
            "The new sequence takes over the old one's name and position. Grants on the old one end: none is needed.",
            "It fails, and changes nothing, if another column takes its default from the same sequence.",
        ),
    )


def identity_swap(facts: Facts, key: Key, column: str, old: Key) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write the statements that put an identity in a default's place, and those that undo it."""
    alter, name, sequence = f"ALTER TABLE {qualified(key)}", ident(column), facts.sequence(old)
    table = facts.table(key)
    found = table.column(column) if table is not None else None
    type_name = _TYPES.get((found.bits if found is not None else None) or 64, "bigint")
    copy = f"CREATE TEMPORARY TABLE {_POSITION} ON COMMIT DROP AS SELECT last_value, is_called FROM {qualified(old)}"
    restore = f"SELECT setval({literal(qualified(old))}, last_value, is_called) FROM {_POSITION}"
    # Before the position is read: a number that is drawn in between would be drawn again.
    lock = f"LOCK TABLE {qualified(key)} IN ACCESS EXCLUSIVE MODE"
    statements = (
        lock,
        copy,
        f"{alter} ALTER COLUMN {name} DROP DEFAULT",
        f"DROP SEQUENCE {qualified(old)}",
        (
            f"{alter} ALTER COLUMN {name} ADD GENERATED BY DEFAULT AS IDENTITY "
            f"(SEQUENCE NAME {qualified(old)}{_options(sequence, type_name)})"
        ),
        restore,
    )
    before = _TYPES.get((sequence.bits if sequence is not None else None) or 64, "bigint")
    tied = sequence is not None and sequence.owner_table is not None
    back = (
        lock,
        copy,
        f"{alter} ALTER COLUMN {name} DROP IDENTITY",
        f"CREATE SEQUENCE {qualified(old)} AS {before}{_options(sequence, before)}",
        *owned(table, old, "SEQUENCE"),
        *granted(facts, "sequence", old, old),
        *((f"ALTER SEQUENCE {qualified(old)} OWNED BY {qualified(key)}.{name}",) if tied else ()),
        restore,
        f"{alter} ALTER COLUMN {name} SET DEFAULT nextval({literal(qualified(old))}::regclass)",
    )
    return statements, atomically(*back)


def _options(sequence: Sequence | None, type_name: str) -> str:
    """Write the options of a sequence that differ from the type's defaults."""
    if sequence is None:
        return ""
    text = ""
    if sequence.increment != 1:
        text += f" INCREMENT {sequence.increment}"
    largest = 2 ** (_BITS[type_name] - 1) - 1
    if sequence.maximum < largest and sequence.bits == _BITS[type_name]:
        text += f" MAXVALUE {sequence.maximum}"
    if sequence.minimum != 1:
        text += f" MINVALUE {sequence.minimum}"
    if sequence.start != 1:
        text += f" START {sequence.start}"
    if sequence.cache != 1:
        text += f" CACHE {sequence.cache}"
    return text + (" CYCLE" if sequence.cycle else "")
