"""Keys are fed by serial defaults instead of identity columns.

## What
Columns whose default takes from a sequence that the column owns: what serial makes.

## Why it matters
The sequence is a separate object with privileges of its own, the default can be overridden or dropped by mistake, and
CREATE TABLE … LIKE copies a default that still takes from the old table's sequence.

## When it is fine
The framework in use makes serial columns and expects them; then it is a matter of taste.

## How to fix it
Replace the default by an identity in one short transaction; the table is not rewritten. New tables should use
identity.

## Sources
PostgreSQL manual, "Identity Columns"; wiki, "Don't Do This": don't use serial.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Schema, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import UseIdentity
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._bookkeeping import tool_of
from auditor_checks._words import fitting

CHECK = Check(
    title="Keys are fed by serial defaults",
    passed="Keys are fed by identity columns",
    pillar=Pillar.MODELLING,
    severity=Severity.INFO,
    unit=SCHEMAS,
    needs=("tables", "columns", "sequences"),
    engines=("postgresql",),
)


def judge(schema: Schema, facts: Facts) -> Iterator[Flaw]:
    """Gather the serial columns of a schema."""
    found = [
        (table, column)
        for table in facts.tables_in(schema.name)
        if (facts.version >= 170000 or table.kind != "partitioned") and tool_of(table) is None
        for column in table.columns
        if _is_serial(facts, table, column)
    ]
    if not found:
        return
    for table, column in found:
        sequence = facts.sequence(column.sequence)
        if sequence is None:
            continue
        yield Flaw(
            title=fitting(f"{column.name} is fed by a serial default"),
            subject=Subject(kind="column", name=table.column_path(column.name)),
            related=(Subject(kind="sequence", name=sequence.path),),
            evidence=(
                Evidence(name="default", value=column.default, probe="columns"),
                Evidence(name="serial columns in the schema", value=len(found), unit="columns", probe="columns"),
            ),
            explanation=f"{table.column_path(column.name)} takes its values from {sequence.path} by a default.",
            recommendation="Replace the default by an identity at the next change of the table.",
            operations=(
                UseIdentity(
                    schema=table.schema,
                    table=table.name,
                    column=column.name,
                    sequence_schema=sequence.schema,
                    sequence=sequence.name,
                ),
            )
            if not column.nullable
            else (),
            discriminator=column.name,
        )


def _is_serial(facts: Facts, table: Table, column: Column) -> bool:
    sequence = facts.sequence(column.sequence)
    if column.identity is not None or sequence is None or sequence.identity:
        return False
    owner = (sequence.owner_schema, sequence.owner_table, sequence.owner_column)
    return owner == (table.schema, table.name, column.name) and len(sequence.fed) <= 1
