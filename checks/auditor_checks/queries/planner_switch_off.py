"""A planner method is switched off for the whole server.

## What
A setting enable_* differs from the engine's own default and is off for the server, the database or every session.

## Why it matters
It was probably meant for one query. Everywhere else the planner now lacks a method, and chooses plans that may be
slower by orders of magnitude.

## When it is fine
A measured workaround for a known planner bug, with a note that says when to remove it.

## How to fix it
Reset it for the server; where one query needs it, set it for that query's role or transaction.

## Sources
PostgreSQL manual, "Planner Method Configuration": a crude method of influencing the plans chosen.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ResetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Planner method is switched off for all sessions",
    passed="No planner method is switched off",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)


def judge(_server: Facts, facts: Facts) -> Iterator[Flaw]:
    """Report each switch that is off although the engine's default is on."""
    database = facts.database
    for setting in facts.server.settings:
        if not setting.name.startswith("enable_") or setting.boot != "on":
            continue
        here = database.settings.get(setting.name) if database is not None else None
        if setting.value != "off" and here != "off":
            continue
        scope = None if here is None or database is None else database.name
        yield Flaw(
            title=f"{setting.name} is off for {'the database' if scope else 'the server'}",
            subject=Subject(kind="setting", name=setting.name),
            evidence=(
                Evidence(name=setting.name, value="off", probe="settings"),
                Evidence(name="engine's default", value=setting.boot, probe="settings"),
                Evidence(name="set by", value=setting.source, probe="settings"),
            ),
            explanation=f"No session uses this method any more, though it is on by default (set by: {setting.source}).",
            recommendation="Reset it; where one query needs it off, set it for that query alone.",
            operations=(ResetSetting(name=setting.name, previous="off", database=scope),),
            discriminator=setting.name,
        )
