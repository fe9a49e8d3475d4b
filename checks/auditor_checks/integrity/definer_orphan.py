"""A view, routine, trigger or event belongs to an account that does not exist.

## What
Views and routines with the rights of their definer, triggers and events, whose definer is not among the accounts.

## Why it matters
Each use fails with an error, triggers make every write of their table fail, and events end without a word. It happens
when an account is dropped, or a dump is loaded elsewhere. Who makes an account of that name gets the rights.

## When it is fine
Objects with the rights of their caller, which are left out.

## How to fix it
Create the object again with a definer that exists, made for this purpose and unable to log in.

## Sources
MySQL manual, "Stored Object Access Control: Orphan Stored Objects"; MariaDB documentation, "CREATE VIEW: DEFINER".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.model.catalog import Job, Routine, Trigger, View
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.snapshot import ProbeResult
from auditor.model.units import JOBS, ROUTINES, TRIGGERS, VIEWS, Unit
from auditor.model.vocabulary import Pillar, ProbeOutcome, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

Code = View | Routine | Trigger | Job
KINDS: Mapping[type, tuple[Unit, str]] = {
    View: (VIEWS, "views"), Routine: (ROUTINES, "routines"), Trigger: (TRIGGERS, "triggers"), Job: (JOBS, "jobs"),
}  # fmt: skip
"""How each kind of code is named in a report, and which probe brought it."""
STORED_CODE = Unit(
    plural="views, routines, triggers and events",
    # What may not be seen counts as one that is not judged.
    items=lambda f: [*f.views, *f.routines, *f.triggers, *f.catalog.jobs, *_hidden(f)],
    subject=lambda item: KINDS[type(item)][0].subject(item),
)
CHECK = Check(
    title="Code of the database belongs to an account that is gone",
    passed="Code of the database belongs to accounts that exist",
    pillar=Pillar.INTEGRITY,
    severity=Severity.HIGH,
    unit=STORED_CODE,
    needs=(
        "roles",
        "views",
        "routines",
    ),
    engines=PRODUCTS,
)


def judge(item: Code | ProbeResult, facts: Facts) -> Iterator[Verdict]:
    """Look for the definer among the accounts."""
    if isinstance(item, ProbeResult):
        yield Unknown(reason=f"the {item.probe} may not be seen: {item.reason or 'no reason given'}", grant=item.grant)
        return
    if isinstance(item, View) and item.security_invoker:
        return
    if isinstance(item, Routine) and not item.security_definer:
        return
    if item.owner is None or item.owner.removesuffix("@") in facts.roles or item.owner in facts.roles:
        return
    unit, probe = KINDS[type(item)]
    kind = unit.subject(item).kind
    yield Flaw(
        title=fitting(f"{item.path} belongs to {item.owner}, who does not exist"),
        severity=Severity.HIGH if isinstance(item, Trigger) else Severity.MEDIUM,
        evidence=(
            Evidence(name="definer", value=item.owner, probe=probe),
            Evidence(name="accounts of this name", value=0, unit="accounts", probe="roles"),
        ),
        impact=Impact(risk="each write of the table fails" if isinstance(item, Trigger) else "each use of it fails"),
        explanation=f"The {kind} {item.path} acts with the rights of {item.owner}, and there is no such account.",
        recommendation="Create it again with a definer that exists and cannot log in.",
        operations=(
            ChangeApplication(
                topic="definer",
                subject=item.path,
                instruction=f"Create {item.path} again with a definer that exists.",
            ),
        ),
    )


def _hidden(facts: Facts) -> list[ProbeResult]:
    """The probes of code that were not answered, though nothing else needs them."""
    found = [facts.probes.get(name) for name in ("triggers", "jobs")]
    return [probe for probe in found if probe is not None and probe.outcome is not ProbeOutcome.OK]
