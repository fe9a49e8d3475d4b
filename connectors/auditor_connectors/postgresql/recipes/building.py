"""Builds indexes without blocking writes, on plain and on partitioned tables. Recipes of several kinds share it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditor.connector import Draft
from auditor.model.catalog import Index, Key, Table
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.queries import absent, present, usable
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
    """An index to build. ``body`` is all that follows the table's name in CREATE INDEX."""

    table: Key
    name: str
    body: str
    columns: tuple[str, ...] = ()
    unique: bool = False

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
    size = estimates.index_disk(facts, table, index.columns, unique=index.unique)
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
    size = estimates.index_disk(facts, table, index.columns, unique=index.unique)
    yield brief(
        facts,
        phase,
        f"Declare the index {index.name} on {path}, without its partitions",
        index.create(index.table, index.name, only=True),
        lock=SHARE,
        precondition=absent(index.key),
        verify=present(index.key),
        rollback=(f"DROP INDEX IF EXISTS {qualified(index.key)}",),
        notes=("It is invalid, and nothing uses it, until every partition has its part.",),
    )
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
            index.create(index.table, index.name, only=True),
        ),
        notes=(
            "The last part makes the index valid. A partition that is created meanwhile gets its part by itself.",
            OLD_SNAPSHOTS,
            LEFTOVER,
        ),
    )


def _reused(facts: Facts, index: NewIndex, table: Table) -> Iterator[str]:
    """Write the statements that bring back the indexes which became parts, and which go when the whole is dropped."""
    for partition in facts.partitions.get(table.key, ()):
        found = existing(facts.indexes_of(partition.key), index)
        if found is not None:
            yield from recreate(facts, found)
        elif partition.kind == "partitioned":
            yield from _reused(facts, index, partition)


def missing_parts(facts: Facts, index: NewIndex, table: Table, parent: Key) -> Iterator[str]:
    """Write the statements that build and attach what a partitioned index lacks, partition by partition."""
    for partition in facts.partitions.get(table.key, ()):
        if partition.kind == "foreign" or partition.detach_pending:
            continue
        own = facts.indexes_of(partition.key)
        attached = next((one for one in own if (one.parent_schema, one.parent_name) == parent), None)
        found = attached or existing(own, index)
        name = found.name if found is not None else _part_name(facts, partition.key, index)
        key = (partition.schema, name)
        if found is None:
            yield index.create(partition.key, name, only=partition.kind == "partitioned")
        if partition.kind == "partitioned" and (found is None or not found.valid):
            yield from missing_parts(facts, index, partition, key)
        elif found is not None and not found.usable:
            yield f"REINDEX INDEX CONCURRENTLY {qualified(key)}"
        if attached is None:
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
