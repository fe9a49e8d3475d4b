"""The server does not record its own diagnostic data.

## What
The parameter diagnosticDataCollectionEnabled is off.

## Why it matters
The record of the last days, a few hundred megabytes of figures without any data in them, is what tells after an
incident what the server was doing. Support asks for it first.

## When it is fine
Another tool records the same counters every few seconds.

## How to fix it
Switch it on; that takes no restart.

## Sources
MongoDB manual, "Full Time Diagnostic Data Capture".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import invisible, is_off, setting_flaw

CHECK = Check(
    title="Server does not record its diagnostic data",
    passed="Server records its diagnostic data",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("parameters",),
    engines=("mongodb",),
)
NAME = "setParameter.diagnosticDataCollectionEnabled"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the parameter."""
    value = facts.setting(NAME)
    if value is None:
        yield invisible(NAME)
    elif is_off(value):
        yield setting_flaw(
            facts, NAME, "true", explanation="After an incident nobody can tell from the server what it was doing.",
            recommendation="Switch it on; that takes no restart.", risk="incidents that cannot be explained",
        )  # fmt: skip
