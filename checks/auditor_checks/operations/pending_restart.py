"""Changed settings wait for a restart.

## What
Settings whose value in the configuration files differs from the one in force, because only a restart can apply them;
on MySQL those that SET PERSIST or SET PERSIST_ONLY keeps for the next start.

## Why it matters
The next restart, perhaps an unplanned one, changes the server's behaviour: nobody will look for the cause there.

## When it is fine
The restart is already scheduled.

## How to fix it
Restart in a planned window, replicas first, or take the change back.

MySQL: RESET PERSIST takes it back.

## Sources
PostgreSQL manual, view pg_settings, column pending_restart; MySQL manual, "Persisted System Variables".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Changed settings wait for a restart",
    passed="No changed setting waits for a restart",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql", "mysql"),
)


def judge(_server: Facts, facts: Facts) -> Iterator[Flaw]:
    """Gather the settings that wait."""
    waiting = [setting for setting in facts.server.settings if setting.pending_restart]
    if not waiting:
        return
    names = ", ".join(setting.name for setting in waiting)
    yield Flaw(
        title=f"{len(waiting)} changed setting{'s wait' if len(waiting) > 1 else ' waits'} for a restart",
        related=tuple(Subject(kind="setting", name=setting.name) for setting in waiting),
        evidence=tuple(
            Evidence(name=f"{s.name} in force", value=s.value, unit=s.unit, probe="settings") for s in waiting
        ),
        explanation=f"The files hold other values for {names} than the running server; the next restart applies them.",
        recommendation="Restart in a planned window, or take the change back.",
        operations=(
            ChangeApplication(
                topic="restart",
                subject="server",
                instruction=f"Restart in a planned window so that {names} take effect.",
            ),
        ),
    )
