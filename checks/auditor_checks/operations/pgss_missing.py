"""Statement statistics are not collected.

## What
The extension pg_stat_statements is not installed in the database, or its library is not loaded at server start.

## Why it matters
Without it nobody can say which statements cost the time, so every tuning discussion is opinion. Several checks of
this audit cannot be made at all.

## When it is fine
A provider's own workload view serves the team instead.

## How to fix it
Add pg_stat_statements to shared_preload_libraries, restart (replicas first), then create the extension.

## Sources
PostgreSQL manual, appendix F, "pg_stat_statements — track statistics of SQL planning and execution".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import CreateExtension
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Statement statistics are not collected",
    passed="Statement statistics are collected",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("extensions",),
    engines=("postgresql",),
)
NAME = "pg_stat_statements"


def judge(_server: Facts, facts: Facts) -> Iterator[Flaw]:
    """Look for the extension here, and for its library where the setting is visible."""
    libraries = facts.setting("shared_preload_libraries")
    loaded = None if libraries is None else NAME in [part.strip(' "') for part in libraries.split(",")]
    installed = NAME in facts.extensions
    if installed and loaded is not False:
        return
    preload = loaded is False
    yield Flaw(
        subject=Subject(kind="extension", name=NAME),
        evidence=(
            Evidence(name="installed in this database", value=installed, probe="extensions"),
            Evidence(name="library loaded at start", value=loaded, probe="settings"),
        ),
        explanation=(
            "The library is not loaded at server start, so no statement is counted."
            if preload
            else "The extension is not installed in this database, so its statements cannot be read."
        ),
        recommendation=f"{'Load the library at the next restart, then create' if preload else 'Create'} the extension.",
        operations=(CreateExtension(name=NAME, preload=preload),),
    )
