"""Builds indexes without blocking writes, on plain and on partitioned tables. Recipes of several kinds share it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from auditor.connector import Draft
from auditor.model.catalog import Index, Key, Table
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.locking import NEXT_LOCK_MILLISECONDS
from auditor_connectors.postgresql.recipes.queries import absent, all_of, present, usable
from auditor_connectors.postgresql.recipes.sql import ident, qualified, relation_name
from auditor_connectors.postgresql.recipes.steps import LEFTOVER, SHARE, brief, online

OLD_SNAPSHOTS = (
    "At its end it waits for every older transaction with a snapshot, on any table: look for long transactions first."
)


CORRUPTION = (
    "Before 14.4 a concurrent build may leave rows out of the index: upgrade first, or check with amcheck afterwards."
)


# What stands before the method in the definition of an index; its names may hold any word.
_NAME = r'(?:"(?:[^"]|"")*"|[^\s".]+)'
_DEFINITION = re.compile(rf"CREATE (?:UNIQUE )?INDEX {_NAME} ON (?:ONLY )?(?:{_NAME}\.)?{_NAME} ")


class NewIndex(NamedTuple):
    """An index to build. ``body`` is all that follows the table's name in CREATE INDEX.

    ``known_by`` are columns of today in whose place those of the index come: what is known of them tells its size.
    """

    table: Key
    name: str
    body: str
    columns: tuple[str, ...] = ()
    unique: bool = False
    known_by: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """The address of the index."""
        return (self.table[0], self.name)

    def create(self, table: Key, name: str, *, only: bool = False) -> str:
        """Write the statement for the table or one of its partitions."""
        unique = "UNIQUE " if self.unique else ""
        where = f"ON ONLY {qualified(table)}" if only else f"ON {qualified(table)}"
        return f"CREATE {unique}INDEX {'' if only else 'CONCURRENTLY '}{ident(name)} {where} {self.body}"


def build(facts: Facts, phase: Phase, index: NewIndex, *, precondition: str | None = None) -> Iterator[Draft]:
    """Draft the building of an index while reads and writes go on."""
    table = facts.table(index.table)
    if table is not None and table.kind == "partitioned":
        yield from _build_on_partitions(facts, phase, index, table)
        return
    size = estimates.index_disk(facts, table, index.known_by or index.columns, unique=index.unique)
    yield online(
        phase,
        f"Build the {'unique ' if index.unique else ''}index {index.name} on {index.table[0]}.{index.table[1]}",
        index.create(index.table, index.name),
        takes=estimates.index_build(facts, table, size),
        disk=size,
        precondition=precondition or absent(index.key),
        verify=usable(index.key),
        rollback=(f"DROP INDEX CONCURRENTLY IF EXISTS {qualified(index.key)}",),
        notes=(OLD_SNAPSHOTS, LEFTOVER, *corruption_note(facts)),
    )


def _build_on_partitions(facts: Facts, phase: Phase, index: NewIndex, table: Table) -> Iterator[Draft]:
    path = f"{index.table[0]}.{index.table[1]}"
    size = estimates.index_disk(facts, table, index.known_by or index.columns, unique=index.unique)
    declared = {index.table: index.key, **undeclared(facts, index, table, index.key)}
    yield declare(facts, phase, f"Declare the index {index.name} on {path}, without its partitions", index, declared)
    yield online(
        phase,
        f"Build the parts of {index.name}, one partition of {path} after the other, and attach them",
        *missing_parts(facts, index, table, index.key),
        takes=estimates.index_build(facts, table, size),
        disk=size,
        verify=usable(index.key),
        rollback=(
            f"DROP INDEX IF EXISTS {qualified(index.key)}",
            *drop_parts(facts, index, table),
            *_reused(facts, index, table),
            *(index.create(one, key[1], only=True) for one, key in declared.items()),
        ),
        notes=(
            "The last part makes the index valid. A partition that is created meanwhile gets its part by itself.",
            OLD_SNAPSHOTS,
            LEFTOVER,
        ),
    )


def declare(facts: Facts, phase: Phase, title: str, index: NewIndex, declared: Mapping[Key, Key]) -> Draft:
    """Draft the declaration of an index, or of its parts, on partitioned tables: it locks them against writers.

    ``declared`` maps the tables to the indexes. In the long step that builds the parts no such lock could be given up.
    """
    first, *others = (index.create(table, key[1], only=True) for table, key in declared.items())
    wait = f"SET LOCAL lock_timeout = '{NEXT_LOCK_MILLISECONDS}ms'"
    return brief(
        facts,
        phase,
        title,
        first,
        *((wait, *others) if others else ()),
        lock=SHARE,
        precondition=all_of(*map(absent, declared.values())),
        verify=all_of(*map(present, declared.values())),
        rollback=[f"DROP INDEX IF EXISTS {qualified(key)}" for key in declared.values()],
        notes=("It is invalid, and nothing uses it, until every partition has its part.",),
    )


def undeclared(facts: Facts, index: NewIndex, table: Table, parent: Key) -> dict[Key, Key]:
    """Name the partitions that are partitioned themselves and lack their part of an index, and these parts."""
    missing: dict[Key, Key] = {}
    for partition in facts.partitions.get(table.key, ()):
        if partition.kind == "partitioned" and not partition.detach_pending:
            found, key = _part(facts, index, partition, parent)
            if found is None:
                missing[partition.key] = key
            if found is None or not found.valid:
                missing |= undeclared(facts, index, partition, key)
    return missing


def _part(facts: Facts, index: NewIndex, partition: Table, parent: Key) -> tuple[Index | None, Key]:
    """The index of a partition that is a part, or can be made one, and its address; or that of the one to build."""
    own = facts.indexes_of(partition.key)
    found = next((one for one in own if _is_part(one, parent)), None) or existing(own, index)
    name = found.name if found is not None else _part_name(facts, partition.key, index)
    return found, (partition.schema, name)


def _is_part(index: Index, parent: Key) -> bool:
    return (index.parent_schema, index.parent_name) == parent


def _reused(facts: Facts, index: NewIndex, table: Table) -> Iterator[str]:
    """Write the statements that bring back the indexes which became parts, and which go when the whole is dropped."""
    for partition in facts.partitions.get(table.key, ()):
        found = existing(facts.indexes_of(partition.key), index)
        if found is not None:
            yield from recreate(facts, found)
        elif partition.kind == "partitioned":
            yield from _reused(facts, index, partition)


def missing_parts(facts: Facts, index: NewIndex, table: Table, parent: Key) -> Iterator[str]:
    """Write the statements that build and attach what a partitioned index lacks, partition by partition.

    Those that ``undeclared`` names have to be declared before.
    """
    for partition in facts.partitions.get(table.key, ()):
        if partition.kind == "foreign" or partition.detach_pending:
            continue
        found, key = _part(facts, index, partition, parent)
        if partition.kind == "partitioned":
            if found is None or not found.valid:
                yield from missing_parts(facts, index, partition, key)
        elif found is None:
            yield index.create(partition.key, key[1])
        elif not found.usable:
            yield f"REINDEX INDEX CONCURRENTLY {qualified(key)}"
        if found is None or not _is_part(found, parent):
            yield attach(parent, key)


def drop_parts(facts: Facts, index: NewIndex, table: Table) -> Iterator[str]:
    """Write the statements that drop what an interruption left behind: parts that are built and not attached yet."""
    for partition in facts.partitions.get(table.key, ()):
        if partition.kind == "foreign" or existing(facts.indexes_of(partition.key), index) is not None:
            continue
        part = qualified((partition.schema, _part_name(facts, partition.key, index)))
        whole = partition.kind == "partitioned"
        yield f"DROP INDEX {'' if whole else 'CONCURRENTLY '}IF EXISTS {part}"
        if whole:
            yield from drop_parts(facts, index, partition)


def attach(parent: Key, part: Key) -> str:
    """Write the statement that makes an index a part of a partitioned one."""
    return f"ALTER INDEX {qualified(parent)} ATTACH PARTITION {qualified(part)}"


def _part_name(facts: Facts, partition: Key, index: NewIndex) -> str:
    return relation_name(facts, partition, index.columns or ("expr",), "idx", distinct=index.name)


def existing(indexes: Sequence[Index], wanted: NewIndex) -> Index | None:
    """Find an index of a partition that can be attached instead of building another: same keys, nothing else."""
    if not wanted.columns or not re.fullmatch(r"USING \w+ \([^()]*\)", wanted.body):
        return None
    method = wanted.body.split()[1]
    for index in indexes:
        plain = all(part.column and part.default_operator_class and not part.descending for part in index.parts)
        same = index.columns == wanted.columns and index.method == method and index.unique == wanted.unique
        if same and plain and index.usable and not (index.predicate or index.include or index.parent_name):
            return index
    return None


def corruption_note(facts: Facts) -> tuple[str, ...]:
    """Warn of the releases in which concurrent builds could miss rows: release notes of 14.4."""
    return (CORRUPTION,) if 140000 <= facts.version < 140004 else ()


def body_of(definition: str) -> str:
    """Return what follows the table's name in the definition of an index, as the catalog prints it."""
    return _DEFINITION.sub("", definition, count=1)


def concurrently(definition: str) -> str:
    """Turn the definition of an index, as the catalog prints it, into one that builds without blocking writes."""
    return re.sub(r"\A(CREATE (?:UNIQUE )?INDEX) (?!CONCURRENTLY)", r"\1 CONCURRENTLY ", definition)


def recreate(facts: Facts, index: Index) -> tuple[str, ...]:
    """Write the statements that bring back a dropped index, part by part when it is partitioned."""
    if index.definition is None:
        return ()
    if not index.partitioned:
        return (concurrently(index.definition),)
    whole = NewIndex(index.table_key, index.name, body_of(index.definition), index.columns, index.unique)
    statements = [whole.create(index.table_key, index.name, only=True)]
    for part in facts.index_children(index):
        statements += [*recreate(facts, part), attach(index.key, part.key)]
    return tuple(statements)
