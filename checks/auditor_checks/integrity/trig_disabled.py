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
Find out what was missed since; for a foreign key, find the rows that refer to nothing. Mend these, then enable the
trigger, or drop it for good.

## Sources
PostgreSQL manual, "ALTER TABLE" (DISABLE TRIGGER, and what ALL means); "CREATE TRIGGER".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Constraint, Trigger
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
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
        what = "Find and mend the rows that refer to nothing, then enable the triggers of the table."
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
        operations=(ChangeApplication(topic="disabled-trigger", subject=item.path, instruction=what),),
    )
