"""New passwords are easily guessed from what is stored.

## What
The number of rounds by which new passwords are hashed is lower than the server's own default.

## Why it matters
Who gets hold of the stored credentials, from a backup for instance, tries passwords by that much faster.

## When it is fine
Never; a login is made once for each connection of a pool.

## How to fix it
Set the default again; that takes no restart and counts for passwords that are set from then on.

## Sources
MongoDB manual, scramSHA256IterationCount (15000) and scramIterationCount (10000); RFC 7677 asks for 4096 at least.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import invisible, setting_flaw

CHECK = Check(
    title="New passwords are hashed by few rounds",
    passed="New passwords are hashed by as many rounds as the server's default",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("parameters",),
    engines=("mongodb",),
)
DEFAULTS = {"setParameter.scramSHA256IterationCount": 15000, "setParameter.scramIterationCount": 10000}


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Compare each number with its default."""
    for name, default in DEFAULTS.items():
        rounds = facts.setting_number(name)
        if rounds is None:
            yield invisible(name)
        elif rounds < default:
            yield setting_flaw(
                facts, name, str(default), title=f"New passwords are hashed by {rounds:.0f} rounds",
                explanation=f"{rounds:.0f} rounds stand between a stored credential and its password; {default} are "
                "the default.",
                recommendation=f"Set {default} and have passwords set again.", risk="passwords are guessed faster",
            )  # fmt: skip
