"""Event triggers run at every change of the schema.

## What
Event triggers that are enabled, an extension's among them. This is for information: they may be just right.

## Why it matters
They run inside the transactions of this report's plan: they can refuse its statements, slow them down while locks are
held, or write down what they do. Rehearse the plan with them in place.

## When it is fine
They record changes of the schema or guard it on purpose.

## How to fix it
Know what each does before the first step of a plan; run the plan as a role that they let through.

## Sources
PostgreSQL manual, "Event Triggers".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

EVENT_TRIGGERS = Unit(
    plural="event triggers",
    items=lambda f: f.server.event_triggers,
    subject=lambda name: Subject(kind="event-trigger", name=name),
)
CHECK = Check(
    title="Event trigger runs at every change of the schema",
    passed="No event trigger interferes with changes of the schema",
    pillar=Pillar.OPERATIONS,
    severity=Severity.INFO,
    unit=EVENT_TRIGGERS,
    needs=("event-triggers",),
    engines=("postgresql",),
)


def judge(name: str, _facts: Facts) -> Iterator[Flaw]:
    """Name the trigger."""
    yield Flaw(
        title=fitting(f"Event trigger {name} runs at every change of the schema"),
        evidence=(Evidence(name="event trigger", value=name, probe="event-triggers"),),
        impact=Impact(risk="it may refuse or slow down steps of the plan"),
        explanation=f"{name} is enabled and runs within each change of the schema that it is for.",
        recommendation="Read what it does before the plan is run, and rehearse the plan with it in place.",
    )
