"""The planner believes in a spinning disk where reads are as quick as a solid-state one's.

## What
random_page_cost has its built-in value of 4, while the measured time to read a block says that random reads are
cheap.

## Why it matters
The planner takes an index scan to be four times as dear as it is, and reads whole tables instead.

## When it is fine
The storage really is a spinning disk: then reads take milliseconds and this check is silent. Without measured reads
it does not judge.

## How to fix it
Set random_page_cost to about 1.1 for one role or database first, compare the plans of the statements that matter,
then set it for the server; a reload is enough.

## Sources
PostgreSQL manual, "Planner Cost Constants": storage that has a low random read cost relative to sequential, e.g.
solid-state drives, might be better modeled with a lower value.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Confidence, Pillar, Severity

CHECK = Check(
    title="Planner believes in a slow disk where reads are quick",
    passed="Planner's costs fit the measured reads",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=DATABASE,
    needs=("settings", "statements"),
    engines=("postgresql",),
)
NAME = "random_page_cost"
BUILT_IN = 4.0


def judge(_database: Facts, facts: Facts, *, quick_ms: float = 0.5, blocks: float = 10_000) -> Iterator[Verdict]:
    """Compare the measured time for a block with what a spinning disk needs."""
    value = facts.setting_number(NAME)
    if value is None:
        yield Unknown(reason=f"{NAME} is not visible")
        return
    timed = [s for s in facts.statements if s.read_ms and s.blocks_read]
    read = sum(statement.blocks_read for statement in timed)
    if read < blocks:
        yield Unknown(reason=f"only {read:,} block reads were timed: too few to tell what storage this is")
        return
    each = sum(statement.read_ms or 0.0 for statement in timed) / read
    if value < BUILT_IN or each > quick_ms:
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=value, probe="settings"),
            Evidence(name="time for one block", value=round(each, 4), unit="milliseconds", probe="statements"),
            Evidence(name="block reads that were timed", value=read, unit="blocks", probe="statements"),
        ),
        explanation=f"A block takes {each:.3f} ms to read; the planner's costs are those of a spinning disk.",
        recommendation="Set it to about 1.1 for one database, compare the plans that matter, then for the server.",
        operations=(SetSetting(name=NAME, value="1.1", previous=facts.setting(NAME), database=facts.target.name),),
    )
