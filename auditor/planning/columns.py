"""Rules about columns: what a type change takes along, what waits for it, what a drop makes pointless."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from msgspec.structs import replace

from auditor.model.catalog import Key
from auditor.model.operation import (
    AddCheck,
    AddForeignKey,
    AlterSequence,
    ChangeColumnType,
    DropColumn,
    DropConstraint,
    DropIndex,
    EnumToLookup,
    ExtractJson,
    Operation,
    RebuildIndex,
    SetDefault,
    SetNotNull,
    SplitTable,
    UseIdentity,
    ValidateConstraint,
)
from auditor.planning.agenda import Agenda
from auditor.planning.groups import Groups

ColumnKey = tuple[str, str, str]


def columns_of(agenda: Agenda, operation: Operation) -> frozenset[ColumnKey]:
    """The columns that an operation on a table touches, with those that its expressions may name."""
    key = operation.table_key
    if key is None:
        return frozenset()
    index = agenda.facts.index((operation.schema, operation.name)) if isinstance(operation, _ON_INDEXES) else None
    names = {*getattr(operation, "columns", ()), *getattr(operation, "include", ()), getattr(operation, "column", None)}
    texts = [getattr(operation, "predicate", None), *getattr(operation, "expressions", ())]
    if index is not None:
        names |= {*index.columns, *index.include}
        texts += [index.predicate, *(part.expression for part in index.parts)]
    if isinstance(operation, AddCheck):
        texts.append(operation.expression)
    if isinstance(operation, _ON_CONSTRAINTS):
        named = [one for one in agenda.facts.constraints_of(key) if one.name == operation.name]
        names |= {column for one in named for column in one.columns}
        texts += [one.definition for one in named if one.kind == "check"]
    table = agenda.facts.table(key)
    if table is not None:
        names |= {c.name for c in table.columns if any(text is not None and c.name in text for text in texts)}
    found = frozenset((*key, name) for name in names if name is not None)
    if isinstance(operation, AddForeignKey):
        there = (operation.referenced_schema, operation.referenced_table)
        found |= frozenset((*there, name) for name in operation.referenced_columns)
    return found


_ON_INDEXES = (DropIndex, RebuildIndex)
_ON_CONSTRAINTS = (ValidateConstraint, DropConstraint)


def drop_columns(agenda: Agenda) -> None:
    """Leave a column alone that is about to go, but bring what has to be kept of a document out of it before."""
    dropped = {(*key, drop.column): drop for key, drops in agenda.by_table(DropColumn).items() for drop in drops}
    if not dropped:
        return
    tables = {drop.table_key for drop in dropped.values()}
    for operation in agenda.every(Operation):
        if isinstance(operation, DropColumn | DropIndex | DropConstraint) or not _near(operation, tables):
            continue
        for column in sorted(columns_of(agenda, operation) & dropped.keys()):
            path = ".".join(column)
            if isinstance(operation, ExtractJson):
                reason = "what is brought out of the document has to be there, and no trigger on it, before it goes"
                agenda.require(dropped[column], operation, reason, wholly=True)
                break
            agenda.omit(
                operation, dropped[column], "The drop stands", f"{path} is dropped, so nothing else is done to it."
            )
            break


def settle_lookups(agenda: Agenda) -> None:
    """A column that is to refer to a table of its values gets the plain type of these: no other one beside that."""
    lookups = {(one.schema, one.table, one.column): one for one in agenda.every(EnumToLookup)}
    for change in agenda.every(ChangeColumnType):
        lookup = lookups.get((change.schema, change.table, change.column))
        if lookup is not None:
            heir = lookup if change.to_type == "text" else None
            reason = "The column and the table of its values have to be of one type: change both when that is done."
            agenda.omit(change, heir, f"{lookup.id} stands", reason)


def keep_defaults_of_splits(agenda: Agenda) -> None:
    """Leave the default of a column as it is that moves to another table with it."""
    splits = agenda.every(SplitTable)
    moving = {(one.schema, one.table, column): one for one in splits for column in one.columns}
    for default in agenda.every(SetDefault):
        split = moving.get((default.schema, default.table, default.column))
        if split is not None:
            reason = "The column moves to another table with the default that it has: change it there afterwards."
            agenda.omit(default, None, f"{split.id} stands", reason)


def _near(operation: Operation, tables: Iterable[Key | None]) -> bool:
    if isinstance(operation, AddForeignKey) and (operation.referenced_schema, operation.referenced_table) in tables:
        return True
    return operation.table_key in tables


# --- type changes ------------------------------------------------------------------------------------------------


def join_type_changes(agenda: Agenda) -> None:
    """Change the types of one table in one pass over its rows, and a key together with the keys that refer to it."""
    _change_referring(agenda)
    changes = {(*key, one.column): one for key, ones in agenda.by_table(ChangeColumnType).items() for one in ones}
    groups = Groups(changes)
    for key in agenda.facts.foreign_keys:
        for here, there in _pairs(key.schema, key.table, key.columns, key.referenced_key, key.referenced_columns):
            if here in changes and there in changes:
                groups.join(here, there)
    _share_tables(agenda, changes, groups)
    for members in groups.all():
        first, *others = [changes[column] for column in members]
        if others:
            agenda.replace(replace(first, together=tuple(others)))
            agenda.carry(first, others, "They are changed in one pass", _why_together(members))


def _why_together(members: Iterable[ColumnKey]) -> str:
    if len({column[:2] for column in members}) > 1:
        return "A key and the keys that refer to it must keep types that compare: they move together."
    return "Changes of one table cost one pass over its rows together, and one each by themselves."


def _share_tables(agenda: Agenda, changes: Mapping[ColumnKey, ChangeColumnType], groups: Groups[ColumnKey]) -> None:
    """Let lone columns join another group of their table. Groups of several tables stay apart, one after the other."""
    tables: dict[Key, list[ColumnKey]] = defaultdict(list)
    for column in changes:
        tables[column[:2]].append(column)
    spans = {column: len({one[:2] for one in members}) for members in groups.all() for column in members}
    for columns in tables.values():
        wide = [column for column in columns if spans[column] > 1]
        for column in columns:
            if spans[column] == 1:
                groups.join((wide or columns)[0], column)
    for columns in tables.values():
        leaders = sorted({groups.leader(column) for column in columns})
        for earlier, later in pairwise(leaders):
            reason = "two switches of one table follow each other"
            agenda.require(changes[later], changes[earlier], reason)


def _change_referring(agenda: Agenda) -> None:
    """Add the change of each foreign key column, declared or planned, that its key column would leave behind."""
    changes = {(*key, one.column): one for key, ones in agenda.by_table(ChangeColumnType).items() for one in ones}
    planned: dict[Key, list[Iterable[tuple[ColumnKey, ColumnKey]]]] = defaultdict(list)
    for one in agenda.every(AddForeignKey):
        referenced = (one.referenced_schema, one.referenced_table)
        planned[referenced].append(_pairs(one.schema, one.table, one.columns, referenced, one.referenced_columns))
    waiting = list(changes)
    while waiting:
        schema, table, column = waiting.pop()
        change = changes[schema, table, column]
        for pairs in (*_declared(agenda, (schema, table)), *planned.get((schema, table), ())):
            for here, there in pairs:
                child = agenda.facts.table(here[:2])
                found = child.column(here[2]) if child is not None else None
                if there != (schema, table, column) or here in changes or found is None:
                    continue
                if found.type == change.to_type:
                    continue
                added = ChangeColumnType(
                    schema=here[0], table=here[1], column=here[2], from_type=found.type, to_type=change.to_type,
                    using=change.using,
                )  # fmt: skip
                agenda.add(added, change)
                changes[here] = added
                waiting.append(here)


def _declared(agenda: Agenda, table: Key) -> Iterable[Iterable[tuple[ColumnKey, ColumnKey]]]:
    """The pairs of columns of each foreign key that refers to a table."""
    return [
        _pairs(key.schema, key.table, key.columns, key.referenced_key, key.referenced_columns)
        for key in agenda.facts.referencing(table)
    ]


def _pairs(
    schema: str, table: str, columns: Iterable[str], referenced: Key | None, referenced_columns: Iterable[str]
) -> Iterable[tuple[ColumnKey, ColumnKey]]:
    if referenced is None:
        return []
    return [((schema, table, a), (*referenced, b)) for a, b in zip(columns, referenced_columns, strict=False)]


def wait_for_type_changes(agenda: Agenda) -> None:
    """Let everything that touches a changing column wait until the new one has taken its place.

    The steps of a type change are written from the table as it is now: what is done to the column before would be
    lost, and an index would be built twice. To let a column refer to a table of its values may be a type change, too.
    """
    retyped = {(one.schema, one.table, one.column): one for one in agenda.every(ChangeColumnType)}
    lookups = {(one.schema, one.table, one.column): one for one in agenda.every(EnumToLookup)}
    changes: dict[ColumnKey, ChangeColumnType | EnumToLookup] = {**retyped, **lookups}
    if not changes:
        return
    tables = {column[:2] for column in changes}
    for operation in agenda.every(Operation):
        if isinstance(operation, ChangeColumnType | EnumToLookup) or not _near(operation, tables):
            continue
        for column in sorted(columns_of(agenda, operation) & changes.keys()):
            if isinstance(operation, DropIndex):
                _spare(agenda, changes[column], operation)
            else:
                agenda.require(operation, changes[column], f"{'.'.join(column)} changes its type first")
    numbered = {_numbering(agenda, column): change for column, change in retyped.items()}
    for sequence in agenda.every(AlterSequence):
        owner = sequence.owned_by or _owner(agenda, sequence)
        follows = numbered.get((sequence.schema, sequence.name))
        only_type = (sequence.maximum, sequence.owned_by, sequence.restart_after_max_of) == (None, None, None)
        if follows is not None and only_type and sequence.data_type == follows.to_type:
            carrier = agenda.proposals[agenda.carried.get(follows.id, follows.id)].operation
            reason = "Once the column can hold larger numbers, its sequence may count to them."
            agenda.carry(carrier, [sequence], "They are changed one after the other", reason)
        elif (change := follows or (changes.get(owner) if owner is not None else None)) is not None:
            agenda.require(sequence, change, "the sequence follows its column")


def switch_one_after_the_other(agenda: Agenda) -> None:
    """Let a column refer to a table of its values when the types of its table have changed, one column at a time."""
    changes = agenda.by_table(ChangeColumnType)
    for key, lookups in agenda.by_table(EnumToLookup).items():
        before: list[Operation] = [*changes.get(key, ())]
        for lookup in lookups:
            for one in before:
                agenda.require(lookup, one, "two switches of one table follow each other")
            before.append(lookup)


def give_types_to_splits(agenda: Agenda) -> None:
    """Make the new table of a split with the types that its columns have by then: the split comes after all changes."""
    changes = agenda.by_table(ChangeColumnType)
    for key, splits in agenda.by_table(SplitTable).items():
        primary = agenda.facts.primary_key(key)
        for split in splits:
            taken = {*split.columns, *(primary.columns if primary is not None else ())}
            changed = [one for one in changes.get(key, ()) if one.column in taken]
            if changed:
                agenda.replace(replace(split, types={one.column: one.to_type for one in changed}))
                reason = "It is made after the change, so that its key is of the type of the key that it refers to."
                names = (split.id, *(one.id for one in changed))
                agenda.conflict(names, "The new table has the new types", reason)


def _spare(agenda: Agenda, change: ChangeColumnType | EnumToLookup, drop: DropIndex) -> None:
    """Do not build an index over the new column that the plan drops: it goes with the old one.

    A step of its own would have no way back: after the switch another column has the name that its definition says.
    """
    carrier = agenda.proposals[agenda.carried.get(change.id, change.id)].operation
    if isinstance(carrier, ChangeColumnType) and agenda.carried.get(drop.id, carrier.id) == carrier.id:
        agenda.replace(replace(carrier, without=tuple(sorted({*carrier.without, drop.name}))))
        if drop.id not in agenda.carried:
            reason = "The index is not built over the new column, and goes when the old one is dropped."
            agenda.carry(carrier, [drop], "It goes with the old column", reason)
    else:
        agenda.require(drop, change, "its column changes its type first")


def join_not_nulls(agenda: Agenda) -> None:
    """Forbid NULL in several columns of a table by one change: each change queues for the same lock."""
    waiting = {edge.later for edge in agenda.edges.values()}
    for changes in agenda.by_table(SetNotNull).values():
        free = [one for one in changes if one.id not in waiting]
        if len(free) > 1:
            agenda.replace(replace(free[0], together=tuple(one.column for one in free[1:])))
            reason = "Each change by itself queues for the lock anew."
            agenda.carry(free[0], free[1:], "They are changed in one step", reason)


def _numbering(agenda: Agenda, column: ColumnKey) -> Key | None:
    """Return the sequence that a column takes its default or identity from."""
    table = agenda.facts.table(column[:2])
    found = table.column(column[2]) if table is not None else None
    return found.sequence if found is not None else None


def _owner(agenda: Agenda, operation: AlterSequence) -> ColumnKey | None:
    found = agenda.facts.sequence((operation.schema, operation.name))
    if found is None or found.owner_table is None or found.owner_column is None:
        return None
    return (found.owner_schema or found.schema, found.owner_table, found.owner_column)


# --- identities --------------------------------------------------------------------------------------------------


def settle_identities(agenda: Agenda) -> None:
    """An identity has a sequence of its own, of its column's type: other changes of the old one come first or fall."""
    identities = {(one.sequence_schema, one.sequence): one for one in agenda.every(UseIdentity)}
    columns = {(one.schema, one.table, one.column): one for one in identities.values()}
    for default in agenda.every(SetDefault):
        identity = columns.get((default.schema, default.table, default.column))
        if identity is not None:
            agenda.omit(default, identity, "The identity stands", "A column has a default or an identity, not both.")
    for sequence in agenda.every(AlterSequence):
        found = identities.get((sequence.schema, sequence.name))
        if found is None:
            continue
        if sequence.restart_after_max_of is not None or sequence.maximum is not None:
            agenda.require(found, sequence, "the identity takes over the sequence's position and limit")
        else:
            reason = "The identity's sequence belongs to its column and has its type."
            agenda.omit(sequence, found, "The identity does both", reason)
    for not_null in agenda.every(SetNotNull):
        identity = columns.get((not_null.schema, not_null.table, not_null.column))
        if identity is not None:
            agenda.omit(not_null, identity, "The identity does both", "An identity column is free of NULL.")


BEFORE = (drop_columns, settle_lookups, keep_defaults_of_splits, settle_identities)
"""What decides which operations stand."""

AFTER = (
    join_type_changes,
    switch_one_after_the_other,
    wait_for_type_changes,
    give_types_to_splits,
    join_not_nulls,
)
"""What orders those that stand, once the rules about indexes have decided too."""
