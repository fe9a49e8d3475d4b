"""Rules about indexes: none built twice, none dropped that something still needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from auditor.model.catalog import Constraint, Index, IndexPart, Key
from auditor.model.operation import (
    AddIndex,
    AddPrimaryKey,
    AddUnique,
    CompletePartitionedIndex,
    DropConstraint,
    DropIndex,
    Operation,
    RebuildIndex,
    RefreshCollation,
    RepackTable,
)
from auditor.planning.agenda import Agenda

B_TREE = "btree"
_INDISPENSABLE = "{} is the primary key, an exclusion constraint or the replica identity."


def covers(cover: Index, index: Index) -> bool:
    """Whether ``cover`` can do all that ``index`` does: same leading keys, same rows, same payload, same uniqueness."""
    same_length = len(cover.parts) == len(index.parts)
    if cover.method != index.method or cover.parts[: len(index.parts)] != index.parts:
        return False
    if cover.method != B_TREE and not same_length:
        return False
    if cover.predicate not in (None, index.predicate):
        return False
    if not set(index.include) <= {*cover.include, *cover.columns}:
        return False
    return not index.unique or (
        cover.unique and same_length and cover.predicate == index.predicate
        and cover.nulls_not_distinct == index.nulls_not_distinct
    )  # fmt: skip


def supports(index: Index, key: Constraint) -> bool:
    """Whether an index finds the rows that refer to something: its leading columns are those of the foreign key."""
    leading = [part.column for part in index.parts[: len(key.columns)]]
    return index.predicate is None and set(leading) == set(key.columns) and len(leading) == len(key.columns)


def future_index(operation: Operation) -> Index | None:
    """The index that an operation will build, as far as its columns tell."""
    if isinstance(operation, AddIndex) and not operation.expressions:
        parts = tuple(
            IndexPart(column=column, operator_class=operation.operator_classes.get(column),
                      default_operator_class=column not in operation.operator_classes)
            for column in operation.columns
        )  # fmt: skip
        return Index(
            schema=operation.schema, table=operation.table, name=operation.id, method=operation.method or B_TREE,
            parts=parts, include=operation.include, predicate=operation.predicate, unique=operation.unique,
        )  # fmt: skip
    if isinstance(operation, AddUnique | AddPrimaryKey) and operation.columns:
        return Index(
            schema=operation.schema, table=operation.table, name=operation.id, unique=True,
            parts=tuple(IndexPart(column=column) for column in operation.columns),
            predicate=operation.predicate if isinstance(operation, AddUnique) else None,
            nulls_not_distinct=isinstance(operation, AddUnique) and operation.nulls_not_distinct,
        )  # fmt: skip
    return None


def _plain(index: Index) -> Index:
    """An index with the spelling of defaults taken out, so that existing and future ones compare."""
    parts = tuple(
        IndexPart(
            column=part.column, expression=part.expression, descending=part.descending, nulls_first=part.nulls_first,
            operator_class=None if part.default_operator_class else part.operator_class,
            default_operator_class=part.default_operator_class, collation=part.collation,
        )
        for part in index.parts
    )  # fmt: skip
    return Index(
        schema=index.schema, table=index.table, name=index.name, method=index.method, parts=parts,
        include=index.include, predicate=index.predicate, unique=index.unique,
        nulls_not_distinct=index.nulls_not_distinct,
    )  # fmt: skip


# --- what is replaced ---------------------------------------------------------------------------------------------


def settle_replacements(agenda: Agenda) -> None:
    """Keep an index that something else needs than what replaces it, and drop one that is replaced only once."""
    settled: dict[Key, AddIndex | AddUnique] = {}
    builders: Sequence[AddIndex | AddUnique] = [*agenda.every(AddIndex), *agenda.every(AddUnique)]
    for operation in builders:
        index = _replaced(agenda, operation)
        if index is None:
            continue
        reason = _kept(agenda, operation, index)
        if reason or index.key in settled:
            agenda.replace(replace(operation, replaces=None))
        else:
            settled[index.key] = operation
        if reason:
            agenda.conflict((operation.id,), f"{index.name} is kept", reason)
    others: Sequence[DropIndex | DropConstraint | RebuildIndex] = [
        *agenda.every(DropIndex), *agenda.every(DropConstraint), *agenda.every(RebuildIndex),
    ]  # fmt: skip
    for other in others:
        found = _dropped(agenda, other)
        if found is not None and found.key in settled:
            winner = settled[found.key]
            reason = f"{winner.id} drops {found.path} once its successor is there."
            agenda.omit(other, winner, "It goes with its replacement", reason)


def _replaced(agenda: Agenda, operation: Operation) -> Index | None:
    """Return the index that goes when the operation is done: the named one, or the one of the named constraint."""
    if not isinstance(operation, AddIndex | AddUnique) or operation.replaces is None:
        return None
    indexes = agenda.facts.indexes_of((operation.schema, operation.table))
    return next((one for one in indexes if operation.replaces in (one.constraint, one.name)), None)


def _kept(agenda: Agenda, operation: AddIndex | AddUnique, index: Index) -> str:
    """Say why an index stays beside what should replace it; empty when it can go."""
    facts, future = agenda.facts, future_index(operation)
    if index.primary or index.exclusion or index.replica_identity:
        return _INDISPENSABLE.format(index.path)
    if index.unique and isinstance(operation, AddIndex) and not operation.unique:
        return f"{index.path} enforces a uniqueness that the new index does not."
    for key in facts.referencing(index.table_key):
        if key.index == index.name:
            return f"The foreign key {key.path} refers to what {index.path} enforces."
    others = [_plain(one) for one in facts.indexes_of(index.table_key) if one.usable and one.key != index.key]
    others += [future] if future is not None else []
    for key in facts.constraints_of(index.table_key, "foreign-key"):
        if supports(_plain(index), key) and not any(supports(one, key) for one in others):
            return f"{index.path} is the only index that serves the foreign key {key.path}."
    return ""


# --- what is to be built -----------------------------------------------------------------------------------------


def subsume_indexes(agenda: Agenda) -> None:
    """Build an index once: a wider one in the plan, a key in the plan, or one that exists does the work."""
    drops = {(drop.schema, drop.name): drop for drop in agenda.every(DropIndex)}
    repairs: dict[Key, Operation] = {(one.schema, one.name): one for one in agenda.every(RebuildIndex)}
    repairs |= {(one.schema, one.name): one for one in agenda.every(CompletePartitionedIndex)}
    builders = agenda.by_table(AddIndex, AddUnique, AddPrimaryKey)
    for key, operations in builders.items():
        ending = {index.key for operation in operations if (index := _replaced(agenda, operation)) is not None}
        known = [index for index in agenda.facts.indexes_of(key) if index.key not in ending]
        existing: dict[object, list[Index]] = defaultdict(list)
        for index in known:
            if index.usable or index.key in repairs:
                existing[_beginning(index)].append(_plain(index))
        future: dict[object, list[tuple[Operation, Index]]] = defaultdict(list)
        for operation in operations:
            if (index := future_index(operation)) is not None:
                future[_beginning(index)].append((operation, index))
        for operation in operations:
            wanted = future_index(operation)
            if not isinstance(operation, AddIndex) or wanted is None or operation.replaces is not None:
                continue
            # A partial index beside (or in place of) one over all rows is meant: it is smaller.
            same = _beginning(wanted)
            serving = [one for one in existing[same] if covers(one, wanted) and one.predicate == wanted.predicate]
            if serving:
                _spare(agenda, operation, serving, drops, repairs)
            else:
                _wider(agenda, operation, wanted, future[same])


def _beginning(index: Index) -> object:
    """What two indexes have in common when one can do the work of the other: few of a table's indexes are compared."""
    return (index.parts[0].column, index.parts[0].expression) if index.parts else None


def _spare(
    agenda: Agenda,
    operation: AddIndex,
    serving: Sequence[Index],
    drops: Mapping[Key, DropIndex],
    repairs: Mapping[Key, Operation],
) -> None:
    """Build nothing where an index serves: one that stays, one that is repaired, or one that is then not dropped."""
    standing = [one for one in serving if one.key not in drops or not agenda.stands(drops[one.key])]
    if standing:
        best = min(standing, key=lambda one: (one.key in repairs, one.path))
        repair = repairs.get(best.key)
        work = "will do this work once it is repaired" if repair is not None else "does this work already"
        agenda.omit(operation, repair, f"{best.name} stays, nothing is built", f"{best.path} {work}.")
        return
    kept = serving[0]
    reason = f"One finding wants the index {kept.path} gone, another asks for one that it serves as."
    agenda.omit(drops[kept.key], None, f"{kept.name} is kept", reason)
    agenda.omit(operation, None, f"{kept.name} is kept, nothing is built", reason)


def _wider(agenda: Agenda, operation: AddIndex, wanted: Index, future: Iterable[tuple[Operation, Index]]) -> None:
    for other, index in future:
        if other is operation or not agenda.stands(other) or not covers(index, wanted):
            continue
        if index.predicate != wanted.predicate:
            continue
        equal = covers(wanted, index)
        if equal and isinstance(other, AddIndex) and other.id > operation.id:
            continue
        what = "the same columns" if equal else f"{', '.join(operation.columns)} as its leading columns"
        agenda.omit(operation, other, "One index is built for both", f"The index of {other.id} has {what}.")
        return


def adopt_parts(agenda: Agenda) -> None:
    """Keep a partition's index that becomes a part of a new one on the whole table."""
    wholes = agenda.by_table(AddIndex)
    for drop in agenda.every(DropIndex):
        index = agenda.facts.index((drop.schema, drop.name))
        table = agenda.facts.table(index.table_key) if index is not None else None
        while index is not None and table is not None and table.parent is not None and agenda.stands(drop):
            for whole in wholes.get(table.parent, ()):
                future = future_index(whole)
                if agenda.stands(whole) and future is not None and _same(future, _plain(index)):
                    reason = f"{index.path} becomes a part of the new index on the whole table."
                    agenda.omit(drop, None, f"{index.name} is kept", reason)
                    break
            table = agenda.facts.table(table.parent)


def _same(one: Index, other: Index) -> bool:
    return covers(one, other) and covers(other, one)


# --- what is to be dropped ---------------------------------------------------------------------------------------


@dataclass
class _Shelf:
    """The indexes of one table while drops are decided. ``builders`` are what makes those that are not there yet."""

    agenda: Agenda
    table: Key
    staying: dict[Key, Index]
    builders: dict[Key, Operation]
    ending: set[str]
    """Constraints that the plan drops."""
    replacing: Mapping[Key | None, Operation]
    """What drops an index at its end, by that index."""
    gone: list[Index] = field(default_factory=list)
    """Dropped because something else covers them."""

    def needed(self, index: Index, mine: Index, *, covered: bool) -> str:
        """Say why an index has to stay; empty when it can go. ``covered``: another one is said to do its work."""
        if index.primary or index.exclusion or index.replica_identity:
            return _INDISPENSABLE.format(index.path)
        referring = [key for key in self.agenda.facts.referencing(self.table) if key.index == index.name]
        if index.unique and referring:
            return f"The foreign key {referring[0].path} refers to what {index.path} enforces."
        others = self.staying.values()
        if index.unique and not any(_enforces(one, mine) for one in others):
            return f"Nothing that stays enforces the uniqueness that {index.path} enforces."
        if covered and not any(covers(one, mine) for one in others):
            return f"After the other drops no index with the leading columns of {index.path} would be left."
        for lost in self.gone:
            if covers(mine, lost) and not any(covers(one, lost) for one in others):
                return f"{index.path} is what covers {lost.path}, which is dropped for that reason."
        for key in self.agenda.facts.constraints_of(self.table, "foreign-key"):
            alone = supports(mine, key) and not any(supports(one, key) for one in others)
            if alone and key.name not in self.ending:
                return f"{index.path} is the only index that serves the foreign key {key.path}."
        return ""

    def cover(self, index: Index) -> Operation | None:
        """Return what has to be done before the index that covers another one is there; None if one is there now."""
        covering = [one for one in self.staying.values() if covers(one, index)]
        return None if any(one.key not in self.builders for one in covering) else self.builders[covering[0].key]


def keep_needed_indexes(agenda: Agenda) -> None:
    """Refuse a drop unless every use of the index is served by something that stays."""
    rebuilt = {(one.schema, one.name): one for one in agenda.every(RebuildIndex)}
    builders = agenda.by_table(AddIndex, AddUnique, AddPrimaryKey)
    dropped: dict[Key, list[DropIndex | DropConstraint]] = defaultdict(list)
    for drop in agenda.every(DropIndex):
        index = agenda.facts.index((drop.schema, drop.name))
        dropped[(drop.schema, drop.table) if index is None else index.table_key].append(drop)
    for constraint in agenda.every(DropConstraint):
        dropped[constraint.schema, constraint.table].append(constraint)
    for key, drops in dropped.items():
        ending = {one.name for one in drops if isinstance(one, DropConstraint)}
        replacing: dict[Key | None, Operation] = {
            index.key: one for one in builders.get(key, ()) if (index := _replaced(agenda, one)) is not None
        }
        shelf = _Shelf(agenda, key, {}, {}, ending, replacing)
        for one in agenda.facts.indexes_of(key):
            if (one.usable or one.key in rebuilt) and one.key not in replacing:
                shelf.staying[one.key] = _plain(one)
                if not one.usable:
                    shelf.builders[one.key] = rebuilt[one.key]
        for operation in builders.get(key, ()):
            future = future_index(operation)
            if future is not None:
                shelf.staying[future.key] = future
                shelf.builders[future.key] = operation
        _decide(shelf, drops)
        _keep_covers(shelf, drops)


def _decide(shelf: _Shelf, drops: Sequence[DropIndex | DropConstraint]) -> None:
    """Go from the index that is easiest to spare to the hardest: of two halves of a pair the better one stays."""
    agenda = shelf.agenda
    known = [(index, drop) for drop in drops if (index := _dropped(agenda, drop)) is not None and index.usable]
    for index, drop in sorted(known, key=lambda pair: (_worth(agenda, pair[0]), pair[1].id)):
        mine = shelf.staying.pop(index.key, None) or _plain(index)
        covered = isinstance(drop, DropConstraint) or drop.covered_by is not None
        reason = shelf.needed(index, mine, covered=covered)
        if reason:
            shelf.staying[index.key] = mine
            agenda.omit(drop, None, f"{index.name} is kept", reason)
        elif covered:
            shelf.gone.append(mine)
            before = shelf.cover(mine)
            if before is not None and shelf.replacing.get(_cover(drop)) is not before:
                agenda.require(drop, before, "what takes over must be there first")


def _keep_covers(shelf: _Shelf, drops: Sequence[DropIndex | DropConstraint]) -> None:
    """Let the index that is said to cover a dropped one outlive it: the drop asks for it."""
    agenda = shelf.agenda
    standing = [one for one in drops if agenda.stands(one)]
    going: dict[Key | None, Operation] = {**shelf.replacing}
    going |= {index.key: one for one in standing if (index := _dropped(agenda, one)) is not None}
    for drop in standing:
        last = going.get(_cover(drop))
        if last is not None and last is not drop:
            agenda.require(last, drop, "what is dropped before asks for the index that covers it", clearing=True)


def _cover(drop: DropIndex | DropConstraint) -> Key | None:
    """The index that is said to do the work of a dropped one."""
    return (drop.schema, drop.covered_by) if isinstance(drop, DropIndex) and drop.covered_by is not None else None


def _dropped(agenda: Agenda, drop: DropIndex | DropConstraint | RebuildIndex) -> Index | None:
    """Return the index that goes with a drop, or is rebuilt."""
    if not isinstance(drop, DropConstraint):
        return agenda.facts.index((drop.schema, drop.name))
    indexes = agenda.facts.indexes_of((drop.schema, drop.table))
    return next((index for index in indexes if index.constraint == drop.name), None)


def _worth(agenda: Agenda, index: Index) -> tuple[object, ...]:
    """Sort key: what enforces something is worth more than what is used, and that more than what saves space."""
    return (
        index.primary or index.replica_identity or index.exclusion,
        index.constraint is not None,
        index.unique,
        index.clustered,
        len(index.parts),
        agenda.facts.index_scans(index) or 0,
        -(agenda.facts.index_bytes(index) or 0),
        index.path,
    )


def _enforces(one: Index, mine: Index) -> bool:
    """Whether a unique index forbids everything that another one forbids: the same keys, or fewer columns of them."""
    plain = not one.is_expression and not mine.is_expression and one.nulls_not_distinct == mine.nulls_not_distinct
    narrower = plain and set(one.columns) <= set(mine.columns)
    return one.unique and one.predicate in (None, mine.predicate) and (one.parts == mine.parts or narrower)


# --- what is to be rebuilt ---------------------------------------------------------------------------------------


def spare_rebuilds(agenda: Agenda) -> None:
    """Rebuild an index only if it stays and nothing else rebuilds it."""
    drops = {(one.schema, one.name): one for one in agenda.every(DropIndex)}
    repacks = {one.table_key: one for one in agenda.every(RepackTable)}
    refreshed = {index: one for one in agenda.every(RefreshCollation) for index in one.indexes}
    for rebuild in agenda.every(RebuildIndex):
        key = (rebuild.schema, rebuild.name)
        index, repack = agenda.facts.index(key), repacks.get(rebuild.table_key)
        if key in drops:
            agenda.omit(rebuild, drops[key], "The drop stands", "An index that goes need not be rebuilt.")
        elif key in refreshed:
            agenda.omit(rebuild, refreshed[key], "It is rebuilt once", "The collation's refresh rebuilds this index.")
        elif repack is not None and (index is None or index.usable):
            agenda.omit(rebuild, repack, "It is rebuilt once", "Repacking the table rebuilds all of its indexes.")
        elif repack is not None:
            agenda.require(repack, rebuild, "an invalid index is not carried over by a repack")


RULES = (settle_replacements, subsume_indexes, adopt_parts, keep_needed_indexes, spare_rebuilds)
"""In the order in which they must run: what is built decides what may go, what goes decides what is rebuilt."""
