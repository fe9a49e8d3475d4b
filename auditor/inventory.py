"""What there is: totals, the largest tables, and the entity-relationship diagram when it is asked for."""

from __future__ import annotations

from auditor.model.catalog import Constraint, Key
from auditor.model.facts import Facts
from auditor.model.report import Diagram, Inventory, Reference, Relation, TableSummary

LARGEST = 25
DIAGRAM_TABLES = 150


def take_inventory(facts: Facts) -> Inventory:
    """Count the objects and list the largest tables."""
    tables = sorted(facts.tables, key=lambda table: (-(table.bytes or 0), table.key))
    return Inventory(
        bytes=facts.total_bytes,
        tables=len(facts.tables),
        indexes=len(facts.indexes),
        columns=len(facts.columns),
        foreign_keys=len(facts.foreign_keys),
        largest=tuple(
            TableSummary(
                name=table.path, rows=facts.rows(table) if table.rows is not None else None, bytes=table.bytes,
                heap_bytes=table.heap_bytes, index_bytes=table.index_bytes, columns=len(table.columns),
                indexes=len(facts.indexes_of(table.key)),
            )
            for table in tables[:LARGEST]
        ),
    )  # fmt: skip


def draw_diagram(facts: Facts) -> Diagram:
    """Describe the tables and their references; beyond the limit the largest and best connected tables stay."""
    degree: dict[Key, int] = {}
    for key in facts.foreign_keys:
        for end in (key.table_key, key.referenced_key):
            if end is not None:
                degree[end] = degree.get(end, 0) + 1
    ranked = sorted(facts.tables, key=lambda t: (-degree.get(t.key, 0), -(t.bytes or 0), t.key))
    shown = sorted(ranked[:DIAGRAM_TABLES], key=lambda table: table.key)
    position = {table.key: number for number, table in enumerate(shown)}
    relations = []
    for table in shown:
        marks: dict[str, list[str]] = {}
        for constraint in facts.constraints_of(table.key):
            word = {"primary-key": "PK", "foreign-key": "FK", "unique": "UK"}.get(constraint.kind)
            for column in constraint.columns if word else ():
                marks.setdefault(column, []).append(str(word))
        columns = tuple((c.name, c.type, ",".join(sorted(set(marks.get(c.name, ()))))) for c in table.columns)
        relations.append(Relation(schema=table.schema, name=table.name, columns=columns))
    references = tuple(
        _reference(facts, key, position[key.table_key], position[key.referenced_key])
        for key in facts.foreign_keys
        if key.table_key in position and key.referenced_key in position
    )
    return Diagram(relations=tuple(relations), references=references, left_out=len(ranked) - len(shown))


def _reference(facts: Facts, key: Constraint, source: int, target: int) -> Reference:
    table = facts.table(key.table_key)
    columns = [table.column(name) for name in key.columns] if table is not None else []
    unique = any(
        set(index.columns) == set(key.columns) and index.unique and index.predicate is None and not index.is_expression
        for index in facts.indexes_of(key.table_key)
    )
    nullable = any(column is not None and column.nullable for column in columns)
    return Reference(source=source, target=target, columns=key.columns, nullable=nullable, unique=unique)
