"""A key's name has different types in different tables.

## What
Columns named like a key of another table (customer_id) whose types differ between tables, where no foreign key ties
them.

## Why it matters
Joins between them convert on one side, which switches indexes off, and one side may overflow or not compare at all.

## When it is fine
The names only look alike: each is a reference to something else. Generic names (id, status, type) are not judged.

## How to fix it
Give all of them the type of the key that they mean, narrow ones first.

## Sources
PostgreSQL manual, "Type Conversion: Operators".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeColumnType
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import singulars, words
from auditor_checks._words import fitting

CHECK = Check(
    title="Same key has different types in different tables",
    passed="Keys of one name have one type",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=DATABASE,
    needs=("tables", "columns", "constraints"),
)
FAMILIES = ("integer", "uuid", "text", "decimal", "char", "float")


def judge(_database: Facts, facts: Facts) -> Iterator[Flaw]:
    """Group columns named after a table's key, and report those whose family or width is in the minority."""
    tables = {word for table in facts.tables for word in singulars(table.name.lower())}
    tied = {(key.table_key, name) for key in facts.foreign_keys for name in key.columns}
    groups: dict[str, list[TableColumn]] = defaultdict(list)
    for item in facts.columns:
        said = words(item.column.name)
        if len(said) > 1 and said[-1] == "id" and "_".join(said[:-1]) in tables and item.column.family in FAMILIES:
            groups["_".join(said)].append(item)
    for name, items in sorted(groups.items()):
        kinds = Counter((item.column.family, item.column.bits) for item in items)
        if len(kinds) < 2:
            continue
        usual, _ = min(kinds.items(), key=lambda kind: (-kind[1], str(kind[0])))
        pattern = next(item for item in items if (item.column.family, item.column.bits) == usual)
        for item in items:
            if (item.column.family, item.column.bits) == usual or (item.table.key, item.column.name) in tied:
                continue
            yield Flaw(
                title=fitting(f"{item.column.name} is {item.column.type} here and {pattern.column.type} elsewhere"),
                subject=Subject(kind="column", name=item.path),
                related=(Subject(kind="column", name=pattern.path),),
                evidence=(
                    Evidence(name="type here", value=item.column.type, probe="columns"),
                    Evidence(name="type elsewhere", value=pattern.column.type, probe="columns"),
                    Evidence(name=f"columns called {name}", value=len(items), unit="columns", probe="columns"),
                ),
                explanation=f"{item.path} is {item.column.type}, while {pattern.path} is {pattern.column.type}.",
                recommendation="Give it the type of the key that it means.",
                operations=(
                    ChangeColumnType(
                        schema=item.table.schema,
                        table=item.table.name,
                        column=item.column.name,
                        from_type=item.column.type,
                        to_type=pattern.column.type,
                    ),
                ),
                discriminator=item.path,
            )
