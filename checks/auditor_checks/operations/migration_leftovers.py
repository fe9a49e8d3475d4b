"""A tool for online changes has left tables or triggers behind.

## What
Tables that gh-ost, pt-online-schema-change, Spirit, LHM or fb-osc make beside a table while they change it, and
triggers of pt-online-schema-change, when no session is working with them. The name has to be made of that of a table
that is there, and a shadow table has to share its columns.

## Why it matters
The tool was killed or failed: its copy takes the space of the table, is in every backup, holds personal data that
nobody deletes, and the next run of the tool refuses to start. Triggers that are left write each row twice, and make
writes fail once the copy is dropped before them.

## When it is fine
A change is running, or its old table is kept for some days on purpose.

## How to fix it
Drop the triggers first, then the tables in a quiet hour: dropping a large one can stall the server for seconds.

## Sources
gh-ost, "Understanding output" and "Cheatsheet" (tables _gho, _ghc, _del); Percona Toolkit manual,
pt-online-schema-change (tables _new, _old; triggers pt_osc_); the documentation of Spirit, LHM and fb-osc.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Table, Trigger
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, ProbeOutcome, Severity
from auditor.text import size
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="A tool for online changes has left something behind",
    passed="No tool for online changes left anything behind",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "sessions"),
    engines=PRODUCTS,
)
_SHADOWS = (
    re.compile(r"_+(?P<base>.+?)(?:_\d{14})?_(?P<what>gho|ghc|del|new|old|chkpnt|sentinel)"),
    re.compile(r"lhm[na]_(?:\d{4}(?:_\d\d){5}_\d{3}_)?(?P<base>.+)"),
    re.compile(r"__osc_(?:new|old|chg)_(?P<base>.+)"),
)
_LOGS = ("ghc", "chkpnt", "sentinel")
"""Tables of the tool itself, which have columns of their own."""
_TRIGGER = "pt_osc_"


def judge(table: Table, facts: Facts, *, same: float = 0.5) -> Iterator[Verdict]:
    """Report a table that is such a shadow of another, or that has a tool's triggers."""
    triggers = [t for t in facts.triggers if t.table_key == table.key and t.name.startswith(_TRIGGER)]
    base = _base(table, facts, same)
    told = facts.probes.get("triggers")
    if base is None and (told is None or told.outcome is not ProbeOutcome.OK):
        yield Unknown(reason="the account does not see the triggers, of which a tool may have left some")
    if (base is None and not triggers) or _at_work(table, facts):
        return
    yield _of_triggers(table, triggers) if base is None else _of_shadow(table, base, facts.rows(table))


def _base(table: Table, facts: Facts, same: float) -> Table | None:
    """The table that this one is the shadow of."""
    for pattern in _SHADOWS:
        match = pattern.fullmatch(table.name)
        base = facts.table((table.schema, match["base"])) if match is not None else None
        if match is None or base is None:
            continue
        if match.groupdict().get("what") in _LOGS:
            return base
        own, other = {c.name for c in table.columns}, {c.name for c in base.columns}
        if len(own & other) >= same * len(other):
            return base
    return None


def _at_work(table: Table, facts: Facts) -> bool:
    """Whether a session's statement names the table, or is that of such a tool."""
    texts = [(session.statement or "").lower() for session in facts.sessions]
    return any(table.name.lower() in text or "gh-ost" in text or "pt-online-schema-change" in text for text in texts)


def _of_shadow(table: Table, base: Table, rows: float) -> Flaw:
    return Flaw(
        severity=Severity.MEDIUM if rows else Severity.LOW,
        title=fitting(f"{table.name} was left behind by a change of {base.name}"),
        related=(Subject(kind="table", name=base.path),),
        evidence=(
            Evidence(name="table that it belongs to", value=base.path, probe="tables"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="size", value=table.bytes, unit="bytes", probe="sizes"),
        ),
        impact=Impact(bytes=table.bytes, risk="space and personal data that nobody looks after"),
        explanation=f"{table.path} has the name and the columns that a tool for online changes gives to its table "
        f"beside {base.path}; it takes {size(table.bytes)}, and no session is working with it.",
        recommendation="Make sure that no change is running; drop what triggers it left, then the table.",
        operations=(
            ChangeApplication(
                topic="migration-leftovers", subject=table.path,
                instruction=f"Make sure that no change of {base.path} is running, and drop {table.path}.",
            ),
        ),
    )  # fmt: skip


def _of_triggers(table: Table, triggers: list[Trigger]) -> Flaw:
    names = ", ".join(trigger.name for trigger in triggers)
    return Flaw(
        title=fitting(f"Triggers of an online change are left on {table.name}"),
        severity=Severity.HIGH,
        related=tuple(Subject(kind="trigger", name=trigger.path) for trigger in triggers),
        evidence=(Evidence(name="triggers", value=names, probe="triggers"),),
        impact=Impact(risk="each write is done twice, or fails"),
        explanation=f"{names} of {table.path} write each change to a tool's copy, and no session works with it.",
        recommendation="Make sure that no change is running, and drop the triggers before the tool's tables.",
        operations=(
            ChangeApplication(
                topic="migration-leftovers", subject=table.path,
                instruction=f"Make sure that no change of {table.path} is running, and drop the triggers {names}.",
            ),
        ),
    )  # fmt: skip
