"""A collection is empty, and its indexes are kept.

## What
Collections without a document into which nothing was inserted since the counters began, at least a week ago. Capped
collections, time series and those with a validator are left out: somebody made them on purpose.

## Why it matters
It is a sign of something left over: a renamed collection, a typing mistake in a program, a feature that never came. The
next reader takes it for the real one and finds nothing.

## When it is fine
It is filled now and then, and emptied again.

## How to fix it
Find out whether a program knows the name; rename it for a while, then drop it.

## Sources
MongoDB manual, "Create a Collection": writing to a name that does not exist makes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import documents_of, rows

CHECK = Check(
    title="A collection is empty",
    passed="No collection is empty",
    pillar=Pillar.CAPACITY,
    severity=Severity.INFO,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "collection-sizes", "indexes"),
)


def judge(table: Table, facts: Facts, *, days: float = 7) -> Iterator[Verdict]:
    """Report it where nothing was inserted for long."""
    known = documents_of(table)
    if table.rows is None or table.rows > 0 or known.capped or known.time_series is not None or known.validator:
        return
    if facts.stats_days is None or facts.stats_days < days:
        yield Unknown(reason=f"the server has counted for less than {days:g} days")
        return
    if table.usage is not None and table.usage.writes:
        return
    yield Flaw(
        evidence=(
            rows(table),
            Evidence(name="indexes", value=len(facts.indexes_of(table.key)), unit="indexes", probe="indexes"),
            Evidence(name="counted for", value=round(facts.stats_days, 1), unit="days", probe="server-status"),
        ),
        explanation=f"{table.path} holds no document, and nothing was written to it in {facts.stats_days:.0f} days.",
        recommendation="Find out whether a program knows the name; if not, drop it.",
        operations=(
            ChangeApplication(
                topic="empty-collection", subject=table.path,
                instruction=f"Find out what made {table.path}; rename it for some weeks, then drop it.",
            ),
        ),
    )  # fmt: skip
