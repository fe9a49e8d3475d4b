"""Statements that lock everybody out of a table are part of the workload.

## What
Counted statements that rewrite or lock a table under the strongest lock: VACUUM FULL, CLUSTER, and LOCK TABLE in its
default mode. Locks in weaker modes, as dumps take them, are not meant.

## Why it matters
While it runs nobody can read or write the table, and while it waits for its lock everybody queues behind it. VACUUM
FULL and CLUSTER hold it as long as it takes to copy the whole table with its indexes.

## When it is fine
In a maintenance window with nobody working.

## How to fix it
Repack tables online, and let autovacuum come early enough that they do not swell. Replace table locks by row locks,
an advisory lock, or a unique key.

## Sources
PostgreSQL manual, "VACUUM" (FULL), "CLUSTER", "LOCK", and "Table-Level Locks" (13.3.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor.text import duration

CHECK = Check(
    title="Statement locks everybody out of a table",
    passed="No counted statement locks everybody out of a table",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements",),
    engines=("postgresql",),
)

_WEAKER = r"((access|row)\s+share|(row\s+|share\s+row\s+|share\s+update\s+)?exclusive|share)"
_LOCKING = (
    ("VACUUM FULL", re.compile(r"^\s*vacuum\s+(full\b|\([^)]*\bfull\b(?!\s*(false|off|0)\b)[^)]*\))", re.I)),
    ("CLUSTER", re.compile(r"^\s*cluster\b", re.I)),
    ("LOCK TABLE", re.compile(rf"^\s*lock\b(?!.*\bin\s+{_WEAKER}\s+mode)", re.I | re.S)),
)  # fmt: skip


def judge(statement: Statement, _: Facts, *, medium_seconds: float = 1.0, medium_calls: float = 100) -> Iterator[Flaw]:
    """Report the statement if it takes the strongest lock."""
    word = next((word for word, pattern in _LOCKING if pattern.match(statement.text)), None)
    if word is None:
        return
    longest = (statement.maximum_ms or statement.mean_ms) / 1000
    hurts = longest >= medium_seconds or statement.calls >= medium_calls
    yield Flaw(
        title=f"{word} in the workload, {statement.calls:,} calls",
        severity=Severity.MEDIUM if hurts else Severity.LOW,
        evidence=(
            Evidence(name="statement", value=statement.text[:200], probe="statements"),
            Evidence(name="calls", value=statement.calls, unit="calls", probe="statements"),
            Evidence(name="longest", value=round(longest, 3), unit="seconds", probe="statements"),
            Evidence(name="total", value=round(statement.total_ms / 1000, 3), unit="seconds", probe="statements"),
        ),
        impact=Impact(milliseconds=statement.total_ms, risk="nobody reads or writes the table meanwhile"),
        explanation=(
            f"{word} was called {statement.calls:,} times, up to {duration(longest)} each. It takes the strongest "
            "lock: reads and writes of the table wait until it is done, and queue behind it while it waits."
        ),
        recommendation=(
            "Use row locks, an advisory lock or a unique key in its place."
            if word == "LOCK TABLE"
            else "Repack the table online in its place, and let autovacuum come earlier."
        ),
        operations=(
            ChangeApplication(
                topic="exclusive-locks", subject=statement.id,
                instruction=f"Replace {word} by a way that lets others read and write meanwhile.",
            ),
        ),
    )  # fmt: skip
