"""The server hides damaged data instead of reporting it.

## What
zero_damaged_pages, ignore_checksum_failure or ignore_invalid_pages is on for the server.

## Why it matters
These are tools of the last resort for reading what is left of a damaged database. Left on, they turn every later damage
into silently missing or wrong rows; zeroed pages are written back, and what was on them is gone for good.

## When it is fine
In a single session, while data is being rescued, on a copy of the files.

## How to fix it
Switch it off (a restart for ignore_invalid_pages), then look for damage with amcheck and compare with a backup.

## Sources
PostgreSQL manual, "Developer Options": zero_damaged_pages, ignore_checksum_failure, ignore_invalid_pages.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ResetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Server hides damaged data instead of reporting it",
    passed="Damaged data is reported",
    pillar=Pillar.INTEGRITY,
    severity=Severity.CRITICAL,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
HARM = {
    "zero_damaged_pages": "damaged pages are emptied, and all rows on them are lost",
    "ignore_checksum_failure": "damaged pages are read as if they were sound",
    "ignore_invalid_pages": "recovery goes on although pages are missing",
}


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the three settings; each that is on is a finding of its own."""
    if all(facts.setting(name) is None for name in HARM):
        yield Unknown(reason="the developers' settings are not visible")
    for name, harm in HARM.items():
        if facts.setting(name) == "on":
            yield Flaw(
                title=fitting(f"{name} is on: {harm}"),
                subject=Subject(kind="setting", name=name),
                evidence=(Evidence(name=name, value="on", probe="settings"),),
                impact=Impact(risk=harm),
                explanation=f"With {name} on, {harm}, without an error that anybody sees.",
                recommendation="Switch it off, and look for damage with amcheck.",
                operations=(ResetSetting(name=name, previous="on", restart=name == "ignore_invalid_pages"),),
                discriminator=name,
            )
