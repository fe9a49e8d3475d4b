"""Rules about character sets: what changes together, what waits for it, what is left out."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from auditor.model.catalog import Constraint, Key
from auditor.model.operation import (
    ChangeCharacterSet,
    ChangeColumnType,
    DropColumn,
    DropConstraint,
    DropIndex,
    EnumToLookup,
    Operation,
)
from auditor.planning.agenda import Agenda
from auditor.planning.columns import ColumnKey, columns_of
from auditor.planning.groups import Groups


def leave_out_other_changes(agenda: Agenda) -> None:
    """Leave a column to the change that gives it another type anyway, or drops it."""
    others: dict[ColumnKey, Operation] = {
        **{(one.schema, one.table, one.column): one for one in agenda.every(EnumToLookup)},
        **{(one.schema, one.table, one.column): one for one in agenda.every(ChangeColumnType)},
        **{(one.schema, one.table, one.column): one for one in agenda.every(DropColumn)},
    }
    for key, changes in agenda.by_table(ChangeCharacterSet).items():
        for change in changes:
            left = tuple(name for name in change.columns if (*key, name) not in others)
            for name in change.columns:
                other = others.get((*key, name))
                if other is not None:
                    path, reason = ".".join((*key, name)), f"{other.id} changes it anyway."
                    agenda.conflict((change.id, other.id), f"{path} is left out", reason)
            if left != change.columns:
                agenda.replace(replace(change, columns=left))


def change_both_ends(agenda: Agenda) -> None:
    """Change texts together that refer to each other: a foreign key holds texts of one collation only."""
    changes = {key: ones[0] for key, ones in agenda.by_table(ChangeCharacterSet).items()}
    waiting = sorted(changes)
    while waiting:
        key = waiting.pop()
        for mine, (schema, table, column) in _pairs(agenda, key):
            change, other = changes[key], (schema, table)
            known, found = changes.get(other), agenda.facts.table(other)
            there = found.column(column) if found is not None else None
            stays = there is None or there.character_set in (None, change.character_set)
            if mine not in change.columns or stays or (known is not None and column in known.columns):
                continue
            if known is None:
                known = ChangeCharacterSet(
                    schema=schema, table=table, columns=(column,), character_set=change.character_set,
                    collation=change.collation,
                )  # fmt: skip
                agenda.add(known, change)
            else:
                known = replace(known, columns=tuple(sorted({*known.columns, column})))
                agenda.replace(known)
            changes[other] = known
            waiting.append(other)


def join_references(agenda: Agenda) -> None:
    """Let one operation do the changes of tables whose changing texts refer to each other."""
    changes = {key: ones[0] for key, ones in agenda.by_table(ChangeCharacterSet).items()}
    groups = Groups[Key](changes)
    for key, change in changes.items():
        for mine, (schema, table, column) in _pairs(agenda, key):
            other = changes.get((schema, table))
            if other is not None and mine in change.columns and column in other.columns:
                groups.join(key, (schema, table))
    for members in groups.all():
        first, *others = [changes[key] for key in members]
        if others:
            agenda.replace(replace(first, together=tuple(others)))
            reason = "A foreign key holds texts of one collation only: both of its ends move together."
            agenda.carry(first, others, "They are changed together", reason)


def _pairs(agenda: Agenda, key: Key) -> Iterator[tuple[str, ColumnKey]]:
    """Each column of a table that a foreign key holds, with the column at the other end."""
    for one in agenda.facts.constraints_of(key, "foreign-key"):
        for here, there in _ends(one):
            yield here[2], there
    for one in agenda.facts.referencing(key):
        for here, there in _ends(one):
            yield there[2], here


def _ends(key: Constraint) -> Iterator[tuple[ColumnKey, ColumnKey]]:
    if key.referenced_key is not None:
        for here, there in zip(key.columns, key.referenced_columns, strict=False):
            yield (*key.table_key, here), (*key.referenced_key, there)


def order_character_sets(agenda: Agenda) -> None:
    """Change the schema's default first, and what touches a column when its character set has changed."""
    changes = agenda.every(ChangeCharacterSet)
    if not changes:
        return
    defaults = {one.schema: one for one in changes if one.table is None}
    changing = {column: one for one in changes for column in columns_of(agenda, one)}
    for change in changes:
        if change.table is not None and change.schema in defaults:
            agenda.require(change, defaults[change.schema], "tables that are made meanwhile have it from the beginning")
    for operation in agenda.every(Operation):
        if isinstance(operation, (ChangeCharacterSet, DropIndex, DropConstraint)):
            continue
        for column in sorted(columns_of(agenda, operation) & changing.keys()):
            agenda.require(operation, changing[column], f"{'.'.join(column)} changes its character set first")


BEFORE = (leave_out_other_changes,)
"""What decides which operations stand."""

AFTER = (change_both_ends, join_references, order_character_sets)
"""What joins and orders those that stand."""
