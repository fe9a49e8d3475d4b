"""A reference leads to documents that are not there.

## What
Fields that hold keys of another collection, of which a hundred different values at most were looked up there, and some
were not found. The share that dangles is told with the interval in which it lies for all (95 %).

## Why it matters
No document engine keeps references: every reader has to expect that the other side is missing, counts over both sides
differ, and what was meant to be deleted with its owner stays.

## When it is fine
The other side is archived elsewhere, or its deletion is meant to leave the trace. Values that another system issued.

## How to fix it
Report the orphans in batches, decide what becomes of them, and delete both sides in one transaction from then on, or
mark the other side as deleted instead.

## Sources
MongoDB manual, "Database References"; Wilson, "Probable inference, the law of succession, and statistical inference"
(1927).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import rows, wilson
from auditor_checks._gridfs import is_chunks
from auditor_checks._links import LINKS, Linked, looked_up
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="References lead to documents that are not there",
    passed="References lead to documents that are there",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=LINKS,
    needs=("collections", "fields", "references"),
)


def judge(item: Linked, _facts: Facts, *, grave: float = 0.1, certain: float = 0.5) -> Iterator[Flaw]:
    """Compare what was found with what was looked up. Where most is missing, it may be no reference."""
    found = item.link.found or item.link.cast_found or 0
    missing = item.link.tried - found
    if missing <= 0:
        return
    low, high = wilson(missing, item.link.tried)
    share = missing / item.link.tried
    orphans = is_chunks(item.table)
    yield Flaw(
        title=fitting(
            f"Chunks of {item.table.path} belong to no file"
            if orphans
            else f"{percent(share)} of the keys in {item.path} are not in {item.target}"
        ),
        severity=Severity.LOW if share > certain else Severity.MEDIUM if share >= grave or orphans else Severity.LOW,
        confidence=Confidence.POSSIBLE if share > certain else Confidence.LIKELY,
        related=(Subject(kind="collection", name=item.target),),
        evidence=(
            *looked_up(item),
            Evidence(name="share of values that dangle, at least", value=round(low, 4), unit="share",
                     probe="references"),
            Evidence(name="at most", value=round(high, 4), unit="share", probe="references"),
            rows(item.table),
        ),
        impact=Impact(risk="readers that expect what is not there"),
        explanation=f"Of {item.link.tried} different values of {item.path} {found} are keys of {item.target}: between "
        f"{percent(low)} and {percent(high)} of its different values lead nowhere.",
        recommendation="Delete in batches the chunks whose file is gone, once no upload is under way."
        if orphans
        else "Report the orphans, decide what becomes of them, and delete both sides in one transaction from then on.",
        operations=(
            ChangeApplication(
                topic="dangling-references", subject=item.path,
                instruction=f"List the documents of {item.table.path} whose {item.link.field} is not in {item.target} "
                "(in batches by _id), decide with their owner whether to delete, keep or restore, and let one "
                "transaction delete both sides from then on.",
            ),
        ),
    )  # fmt: skip
