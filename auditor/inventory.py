"""What there is: totals, the largest tables, and the entity-relationship diagram when it is asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from auditor.model.catalog import Constraint, Key, Table
from auditor.model.documents import Link
from auditor.model.facts import Facts
from auditor.model.keyspace import KeyPattern
from auditor.model.report import Diagram, Inventory, PatternSummary, Reference, Relation, TableSummary

LARGEST = 25
DIAGRAM_TABLES = 150


def take_inventory(facts: Facts) -> Inventory:
    """Count the objects and list the largest tables, or the largest key patterns where these stand for tables."""
    if facts.keyspace.sample is not None:
        return _keys(facts)
    tables = sorted(facts.tables, key=lambda table: (-(table.bytes or 0), table.key))
    return Inventory(
        bytes=facts.total_bytes,
        tables=len(facts.tables),
        indexes=len(facts.indexes),
        columns=len(facts.columns),
        foreign_keys=len(facts.foreign_keys) + sum(len(_links(table)) for table in facts.tables),
        largest=tuple(
            TableSummary(
                name=table.path, rows=facts.rows(table) if table.rows is not None else None, bytes=table.bytes,
                heap_bytes=table.heap_bytes, index_bytes=table.index_bytes, columns=len(table.columns),
                indexes=len(facts.indexes_of(table.key)),
            )
            for table in tables[:LARGEST]
        ),
    )  # fmt: skip


def _keys(facts: Facts) -> Inventory:
    keyspace = facts.keyspace
    patterns = sorted(
        keyspace.patterns, key=lambda one: (-(one.bytes.value if one.bytes is not None else 0.0), one.path)
    )
    sizes = [one.bytes.value for one in patterns if one.bytes is not None]
    return Inventory(
        bytes=round(sum(sizes)) if sizes else None,
        tables=len(patterns),
        indexes=0,
        columns=0,
        foreign_keys=0,
        largest=(),
        patterns=tuple(_summary(pattern) for pattern in patterns[:LARGEST]),
        sample=keyspace.sample,
    )


def _summary(pattern: KeyPattern) -> PatternSummary:
    times, encodings = pattern.lifetimes, pattern.encodings
    return PatternSummary(
        name=pattern.path,
        type=pattern.type,
        encoding=max(encodings, key=lambda name: (encodings[name], name)) if encodings else None,
        keys=pattern.keys,
        bytes=pattern.bytes,
        mean=pattern.bytes_mean,
        expiring=None if times is None else times.expiring,
        lifetime=None if times is None else times.median,
    )


def draw_diagram(facts: Facts) -> Diagram:
    """Describe the tables and their references; beyond the limit the largest and best connected tables stay."""
    degree = Counter(end for ends in _ends(facts) for end in ends)
    ranked = sorted(facts.tables, key=lambda t: (-degree[t.key], -(t.bytes or 0), t.key))
    shown = sorted(ranked[:DIAGRAM_TABLES], key=lambda table: table.key)
    position = {table.key: number for number, table in enumerate(shown)}
    declared = [
        _reference(facts, key, position[key.table_key], position[key.referenced_key])
        for key in facts.foreign_keys
        if key.table_key in position and key.referenced_key in position
    ]
    found = [
        _found(facts, table, link, position[table.key], position[link.database, link.collection])
        for table in shown
        for link in _links(table)
        if (link.database, link.collection) in position
    ]
    return Diagram(
        relations=tuple(_relation(facts, table) for table in shown),
        references=(*declared, *found),
        left_out=len(ranked) - len(shown),
    )


def _ends(facts: Facts) -> Iterator[tuple[Key | None, Key]]:
    """The two ends of every reference."""
    for key in facts.foreign_keys:
        yield key.referenced_key, key.table_key
    for table in facts.tables:
        for link in _links(table):
            yield (link.database, link.collection), table.key


def _relation(facts: Facts, table: Table) -> Relation:
    """A table with its columns; of documents the fields at the top, and those that refer to others."""
    marks: dict[str, set[str]] = defaultdict(set)
    for constraint in facts.constraints_of(table.key):
        if word := {"primary-key": "PK", "foreign-key": "FK", "unique": "UK"}.get(constraint.kind):
            for column in constraint.columns:
                marks[column].add(word)
    for index in facts.indexes_of(table.key) if table.documents is not None else ():
        for name in index.columns if index.unique else ():
            marks[str(name)].add("PK" if index.primary else "UK")
    for link in _links(table):
        marks[link.field].add("FK")
    columns = [c for c in table.columns if table.documents is None or "." not in c.name or c.name in marks]
    named = tuple((c.name, c.type, ",".join(sorted(marks.get(c.name, ())))) for c in columns)
    return Relation(schema=table.schema, name=table.name, columns=named)


def _links(table: Table) -> tuple[Link, ...]:
    """The references of a collection that nobody declared, and look-ups found."""
    return table.documents.links if table.documents is not None else ()


def _found(facts: Facts, table: Table, link: Link, source: int, target: int) -> Reference:
    """A reference between documents: always optional, because nothing keeps it."""
    unique = any(index.unique and index.columns == (link.field,) for index in facts.indexes_of(table.key))
    return Reference(source=source, target=target, columns=(link.field,), nullable=True, unique=unique)


def _reference(facts: Facts, key: Constraint, source: int, target: int) -> Reference:
    table = facts.table(key.table_key)
    columns = [table.column(name) for name in key.columns] if table is not None else []
    unique = any(
        set(index.columns) == set(key.columns) and index.unique and index.predicate is None and not index.is_expression
        for index in facts.indexes_of(key.table_key)
    )
    nullable = any(column is not None and column.nullable for column in columns)
    return Reference(source=source, target=target, columns=key.columns, nullable=nullable, unique=unique)
