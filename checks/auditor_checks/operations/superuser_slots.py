"""No connection is kept free for an administrator.

## What
superuser_reserved_connections is 0, and no connections are reserved by reserved_connections (version 16 and newer)
either.

## Why it matters
When an application has taken all connections, nobody can log in to see why or to end the sessions that cause it: what
is left is to restart the server.

## When it is fine
A pooler in front of the server, through which everybody has to go, holds fewer connections than the server allows.

## How to fix it
Give it back its default of 3 at the next restart.

## Sources
PostgreSQL manual, "Connection Settings": superuser_reserved_connections, reserved_connections.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ResetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="No connection is kept free for an administrator",
    passed="Connections are kept free for administrators",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
NAME = "superuser_reserved_connections"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read how many connections are reserved."""
    reserved = facts.setting_number(NAME)
    if reserved is None:
        yield Unknown(reason=f"{NAME} is not visible")
        return
    if reserved > 0 or (facts.setting_number("reserved_connections") or 0) > 0:
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=0, unit="connections", probe="settings"),
            Evidence(
                name="max_connections", value=facts.setting_number("max_connections"), unit="connections",
                probe="settings",
            ),
        ),
        impact=Impact(risk="a leak of connections can only be ended by a restart"),
        explanation="When all connections are taken, an administrator is refused like everybody else.",
        recommendation="Give it back its default of 3 at the next restart.",
        operations=(ResetSetting(name=NAME, previous="0", restart=True),),
    )  # fmt: skip
