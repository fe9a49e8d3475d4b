"""A trigger is switched off, or the triggers that check a foreign key are.

## What
Triggers that are disabled, and foreign keys whose own triggers are (DISABLE TRIGGER ALL does that). Triggers that fire
only in replication are meant so and not reported.

## Why it matters
Whatever the trigger keeps right, an audit trail, a total, a search column, goes wrong silently from that moment on. A
foreign key without its triggers looks valid and lets any row in.

## When it is fine
A load is running and switches them on again at its end.

## How to fix it
Make up for what the trigger missed since, then switch it on, or drop it for good. Beside a foreign key whose triggers
are off, declare another one: it checks new rows from then on, and validating it finds the old ones that refer to
nothing, which switching the triggers on would not. Then drop the first.

## Sources
PostgreSQL manual, "ALTER TABLE" (DISABLE TRIGGER, and what ALL means); "CREATE TRIGGER".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Constraint, Trigger
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddForeignKey, AnyOperation, EnableTrigger
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting, table_path


def _kind(item: Trigger | Constraint) -> str:
    return "trigger" if isinstance(item, Trigger) else "constraint"


GUARDS = Unit(
    plural="triggers and foreign keys",
    items=lambda f: [*f.triggers, *f.foreign_keys],
    subject=lambda item: Subject(kind=_kind(item), name=item.path),
    weight=lambda f, item: f.exposure(f.table(item.table_key)),
)
CHECK = Check(
    title="Trigger is switched off",
    passed="No trigger is switched off",
    pillar=Pillar.INTEGRITY,
    severity=Severity.HIGH,
    unit=GUARDS,
    needs=("tables", "triggers", "constraints"),
    engines=("postgresql",),
)


def judge(item: Trigger | Constraint, facts: Facts) -> Iterator[Flaw]:
    """Report what does not fire; a foreign key that checks nothing is worse than a trigger."""
    off = item.triggers_disabled if isinstance(item, Constraint) else item.enabled == "disabled"
    if not off:
        return
    path = table_path(item)
    table = facts.table(item.table_key)
    writes = facts.writes(table) if table is not None else 0
    if isinstance(item, Constraint):
        title = f"Foreign key {item.name} of {path} checks nothing: its triggers are off"
        why = f"{item.path} is declared and shown as valid, but rows of {path} may refer to anything."
        what = "Declare the key anew, mend the rows that refer to nothing, validate the new key, then drop the old one."
    else:
        title = f"Trigger {item.name} of {path} is switched off"
        why = f"{item.function} no longer runs {item.timing} {' or '.join(item.events)} on {path}."
        what = "Make up for what it missed, then enable it; or drop it if it is not wanted any more."
    yield Flaw(
        title=fitting(title),
        severity=Severity.HIGH if isinstance(item, Constraint) else Severity.MEDIUM,
        related=(Subject(kind="table", name=path),),
        evidence=(
            Evidence(name="enabled", value=False, probe="triggers" if isinstance(item, Trigger) else "constraints"),
            Evidence(name="rows written since the counters began", value=writes, unit="rows", probe="table-usage"),
        ),
        impact=Impact(rows=writes, risk="rows are written without the check or change that the trigger makes"),
        explanation=why,
        recommendation=what,
        operations=_operations(item),
    )


def _operations(item: Trigger | Constraint) -> tuple[AnyOperation, ...]:
    if isinstance(item, Trigger):
        return (EnableTrigger(schema=item.schema, table=item.table, name=item.name),)
    if item.referenced_schema is None or item.referenced_table is None:
        return ()
    return (
        AddForeignKey(
            schema=item.schema, table=item.table, columns=item.columns, referenced_schema=item.referenced_schema,
            referenced_table=item.referenced_table, referenced_columns=item.referenced_columns,
            on_delete=item.on_delete, replaces=item.name,
        ),
    )  # fmt: skip
