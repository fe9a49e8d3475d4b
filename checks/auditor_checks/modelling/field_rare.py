"""A field is in so few documents that it may be left over.

## What
Fields at the top of documents that fewer than one in a hundred of at least five hundred sampled documents have, and
none of the newest. A field that the sample does not show at all cannot be told.

## Why it matters
Nobody knows whether it still means something. Programs that were written for it go on handling it, and its name is
taken.

## When it is fine
It marks rare documents on purpose ("fraudReview"): then the newest have it now and then.

## How to fix it
Ask its owner, then remove it in batches (``$unset``).

## Sources
MongoDB manual, "$unset".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import field_subject, is_data_name, rows, sampled, shape_of, unsampled
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="A field is in hardly any document, and in no new one",
    passed="Rare fields are still written",
    pillar=Pillar.MODELLING,
    severity=Severity.INFO,
    confidence=Confidence.POSSIBLE,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)


def judge(table: Table, _facts: Facts, *, share: float = 0.01, documents: float = 500) -> Iterator[Verdict]:
    """Look for rare fields that the newest documents do not have."""
    if unknown := unsampled(table, int(documents)):
        yield unknown
        return
    for column in table.columns:
        shape = shape_of(column)
        if shape.presence >= share or shape.newest is None or shape.newest > 0 or shape.in_array:
            continue
        if "." in column.name or is_data_name(column.name):
            continue
        path = table.column_path(column.name)
        yield Flaw(
            subject=field_subject(table, column),
            title=fitting(f"{path} is in {percent(shape.presence)} of the documents, and in no new one"),
            evidence=(
                Evidence(name="share that has it", value=round(shape.presence, 5), unit="share", probe="fields"),
                Evidence(name="share of the newest", value=shape.newest, unit="share", probe="fields"),
                sampled(table),
                rows(table),
            ),
            explanation=f"{shape.documents:,} of {shape.of:,} sampled documents have {path}, and none of the newest.",
            recommendation="Ask its owner whether it is left over; if so, remove it in batches.",
            operations=(
                ChangeApplication(
                    topic="leftover-field", subject=path,
                    instruction=f"Find out whether anything reads {path}; if not, remove it in batches ($unset).",
                ),
            ),
        )  # fmt: skip
