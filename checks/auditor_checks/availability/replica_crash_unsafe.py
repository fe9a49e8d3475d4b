"""After a crash the replica may apply changes twice or not at all, or it passes errors over.

## What
A server that follows a source by files and offsets has relay_log_recovery off; or it skips errors
(replica_skip_errors), or runs in the IDEMPOTENT mode.

## Why it matters
Relay logs that were not written fully are applied from the wrong place. A replica that skips errors differs from its
source, and nothing tells of it.

## When it is fine
A replica that is only skipping while somebody repairs it.

## How to fix it
Switch relay_log_recovery on at the next restart, and take the settings that pass errors over away.

## Sources
MySQL manual, "Handling an Unexpected Halt of a Replica"; MariaDB documentation, slave_skip_errors.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, setting_flaw

CHECK = Check(
    title="A replica may lose its place in a crash",
    passed="A replica finds its place after a crash",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=(
        "settings",
        "sources",
    ),
    engines=PRODUCTS,
)
PASSING = (
    (("replica_skip_errors", "slave_skip_errors"), "OFF", "OFF"),
    (("replica_exec_mode", "slave_exec_mode"), "STRICT", "STRICT"),
)
"""Settings that pass errors over: their names, the value that does not, and what to set."""


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the settings of a server that follows another."""
    if not facts.server.sources:
        return
    recovery = facts.setting("relay_log_recovery")
    if recovery is None:
        yield invisible("relay_log_recovery")
    elif is_off(recovery) and any(source.positions == "file" for source in facts.server.sources):
        yield setting_flaw(
            facts,
            "relay_log_recovery",
            "ON",
            restart=True,
            explanation="After a crash the replica goes on from relay logs that may not have been written fully.",
            recommendation="Switch it on at the next restart, or find the place by global identifiers.",
            risk="changes are applied twice or not at all",
        )
    for names, harmless, wanted in PASSING:
        name = next((name for name in names if name in facts.settings), None)
        value = (facts.setting(name) or "").upper() if name is not None else harmless
        if name is not None and value not in (harmless, ""):
            yield setting_flaw(
                facts,
                name,
                wanted,
                severity=Severity.HIGH,
                restart="skip" in name,
                title=f"The replica passes errors over: {name} is {value}",
                explanation="What cannot be applied is left out, without a word.",
                recommendation="Mend what it stumbles over, then take the setting away.",
                risk="the replica's data is not its source's",
            )
