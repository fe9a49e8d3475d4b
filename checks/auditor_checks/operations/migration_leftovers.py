"""Shadow tables or triggers of an online change are still there.

## What
Tables and triggers named as gh-ost (_t_gho, _t_ghc, _t_del), pt-online-schema-change (_t_new, _t_old, pt_osc_…) and
Spirit (_t_chkpnt) name theirs, where the table that they were made for is there too.

## Why it matters
Triggers of a change that was broken off write every row twice, and fail the writes if their table is dropped. Shadow
tables take the space of the whole table again, and hold personal data that nobody deletes.

## When it is fine
The change is going on: then sessions of the tool are there.

## How to fix it
Make sure that no such tool runs; drop the triggers first, then the tables at a quiet hour.

## Sources
Documentation of gh-ost, of pt-online-schema-change and of Spirit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="A tool for online changes has left something behind",
    passed="No tool for online changes left anything behind",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=(
        "tables",
        "columns",
    ),
    engines=PRODUCTS,
)
SHADOW = re.compile(r"_+(?P<table>.+?)_(?:gho|ghc|del|new|old|chkpnt|shadow)$")


def judge(table: Table, facts: Facts) -> Iterator[Verdict]:
    """Look for the table that the name was made from, and for triggers of the tools."""
    triggers = [t for t in facts.triggers if t.table_key == table.key and t.name.lower().startswith("pt_osc_")]
    match = SHADOW.match(table.name)
    original = None if match is None else facts.table((table.schema, match["table"]))
    if original is None and not triggers:
        return
    kind = "triggers of pt-online-schema-change" if triggers else f"a table of a change of {match['table']}"  # type: ignore[index]
    rows = facts.rows(table)
    yield Flaw(
        title=fitting(f"{table.name}: {kind}"),
        severity=Severity.HIGH if triggers else Severity.MEDIUM if rows else Severity.LOW,
        related=tuple(Subject(kind="trigger", name=trigger.path) for trigger in triggers),
        evidence=(
            Evidence(name="triggers of the tool", value=len(triggers), unit="triggers", probe="triggers"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="size", value=table.bytes, unit="bytes", probe="sizes"),
        ),
        impact=Impact(
            bytes=None if triggers else table.bytes,
            risk="writes are doubled or fail" if triggers else "space and personal data that nobody looks after",
        ),
        explanation=f"{table.path}: {kind} that was not cleaned up.",
        recommendation="Make sure that no such tool runs, drop the triggers first, then the shadow table.",
        operations=(
            ChangeApplication(
                topic="migration-leftovers",
                subject=table.path,
                instruction=f"If no online change runs, drop what one has left behind at {table.path}: triggers first.",
            ),
        ),
    )
