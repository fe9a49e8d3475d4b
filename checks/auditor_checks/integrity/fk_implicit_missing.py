"""A column refers to another table, but no foreign key says so.

## What
Columns whose name points to exactly one table with a primary key of one column ("customer_id" to customers.id,
"billing_customer_id" too, "currency_code" to currencies.code; in a table of the same module also "user_id" to
wp_users.id), whose type is that key's, and which no foreign key covers. Statistics must not contradict: the column has
no more distinct values than the other table has rows. Statements that join the two make it likely. Left out: pairs of a
type and an id that may refer to several tables, identifiers that other systems issue, and tables that record what is
gone (logs, audits, histories, archives, staging), and tables that triggers of the other table keep up to date, where
the triggers may be seen. Where the type or the collation of the two differs in a way that a foreign key does not allow,
that is changed first.

## Why it matters
Nothing keeps the column from referring to rows that do not exist or no longer exist. Every reader has to expect
orphans, and the optimizer knows less about the join.

## When it is fine
The other side lives in another system or is deleted independently by design; the column merely looks like a
reference.

## How to fix it
Clear up the rows that refer to nothing, in batches; then add the foreign key beside the running application.

PostgreSQL: Add it unvalidated, then validate it: writes go on.

MySQL, MariaDB: With foreign_key_checks off it is added without reading the rows; a query then proves them.

## Sources
PostgreSQL manual, "Foreign Keys" (5.5.5); ALTER TABLE, NOT VALID and VALIDATE CONSTRAINT.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Constraint
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddForeignKey, AnyOperation, ChangeApplication, ChangeColumnType
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._references import distinct_references
from auditor_checks.integrity._implied import Implied, implied_references

CHECK = Check(
    title="Column refers to another table without a foreign key",
    passed="References between tables are declared",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=Unit(
        plural="references, declared or implied by name",
        items=lambda facts: [*distinct_references(facts), *implied_references(facts)],
        subject=lambda item: Subject(kind="column", name=item.path),
        weight=lambda f, item: f.exposure(f.table(item.table_key) if isinstance(item, Constraint) else item.table),
    ),
    needs=("tables", "columns", "constraints"),
)  # fmt: skip


def judge(item: Constraint | Implied, facts: Facts, *, small_rows: float = 1_000) -> Iterator[Flaw]:
    """Report what is only implied. A name with further words in it needs statistics or a join to support it."""
    if isinstance(item, Constraint) or (not item.exact and not item.joins and not item.contained):
        return
    likely = item.joins > 0 or (item.exact and item.contained is True)
    rows, others = facts.rows(item.table), facts.rows(item.target)
    target = item.target.column_path(item.key.name)
    yield Flaw(
        severity=Severity.MEDIUM if likely and rows >= small_rows else Severity.LOW,
        confidence=Confidence.LIKELY if likely else Confidence.POSSIBLE,
        related=(
            Subject(kind="table", name=item.table.path), Subject(kind="column", name=target),
            Subject(kind="table", name=item.target.path),
        ),
        evidence=(
            Evidence(name="seems to refer to", value=target, probe="columns"),
            *_types(item),
            Evidence(name="statements that join them", value=item.joins, unit="statements", probe="statements"),
            Evidence(
                name="no more distinct values than rows there", value=item.contained, probe=item.probe
            ),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="rows there", value=round(others), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(rows), risk="rows that refer to nothing"),
        explanation=f"{item.path} has the name and the "
        + ("type" if item.obstacle is None else f"kind of values, though not the {item.obstacle},")
        + f" of a reference to {target}"
        + (f", and {item.joins} statement(s) join them" if item.joins else "")
        + (", and its values would fit" if item.contained else "")
        + ", but nothing makes sure that the row is there.",
        recommendation=f"If it is one, clear up the orphans and declare it as a foreign key to {item.target.path}.",
        operations=_operations(item),
    )  # fmt: skip


def _types(item: Implied) -> Iterator[Evidence]:
    if item.obstacle is None:
        yield Evidence(name="type of both", value=item.key.type, probe="columns")
        return
    for name, column in (("the column", item.column), ("the key", item.key)):
        value = column.type if item.obstacle == "type" else column.collation
        yield Evidence(name=f"{item.obstacle} of {name}", value=value, probe="columns")


def _operations(item: Implied) -> tuple[AnyOperation, ...]:
    """The foreign key, and before it what the column lacks for one."""
    table, key = item.table, item.key
    declare = AddForeignKey(
        schema=table.schema, table=table.name, columns=(item.column.name,),
        referenced_schema=item.target.schema, referenced_table=item.target.name, referenced_columns=(key.name,),
    )  # fmt: skip
    if item.obstacle == "type":
        change = ChangeColumnType(
            schema=table.schema, table=table.name, column=item.column.name, from_type=item.column.type,
            to_type=key.type,
        )  # fmt: skip
        return change, declare
    if item.obstacle == "collation":
        collate = ChangeApplication(
            topic="collation", subject=item.path,
            instruction=f"Give {item.path} the collation {key.collation} of {item.target.column_path(key.name)}, then "
            "declare the foreign key.",
        )  # fmt: skip
        return (collate,)
    return (declare,)
