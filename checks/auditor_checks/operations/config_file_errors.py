"""The configuration files hold errors.

## What
Entries that the server could not apply: unknown names, malformed values, syntax errors, and lines of host-based
authentication that it cannot read.

## Why it matters
A server with errors in its files may not start again, and ignores the rest of the change that somebody believes to be
in force.

## When it is fine
Never; it is cheap to mend.

## How to fix it
Mend the named lines and reload, then look again.

## Sources
PostgreSQL manual, views pg_file_settings and pg_hba_file_rules, column error.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Configuration files hold errors",
    passed="Configuration files are free of errors",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("file-settings",),
)


def judge(_server: Facts, facts: Facts, *, shown: float = 5) -> Iterator[Flaw]:
    """Report the errors of the files in one finding."""
    errors = facts.server.file_errors
    if not errors:
        return
    yield Flaw(
        title=f"Configuration files hold {len(errors)} error{'s' if len(errors) > 1 else ''}",
        evidence=tuple(Evidence(name="error", value=text, probe="file-settings") for text in errors[: int(shown)]),
        explanation="The server could not apply these entries, and may refuse to start with them.",
        recommendation="Mend the lines, reload, and look again.",
        operations=(
            ChangeApplication(
                topic="configuration-files",
                subject="server",
                instruction="Mend the entries that the server could not apply.",
            ),
        ),
    )
