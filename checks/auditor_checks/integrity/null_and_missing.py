"""What is not known is sometimes null, and sometimes left out.

## What
Fields that at least one document in twenty holds as null, and at least one in twenty does not have at all.

## Why it matters
``{field: null}`` finds both, ``{$exists: true}`` finds null alone, sparse and partial indexes keep null and leave out
what is missing, and a unique index takes one null for all. Readers that mean the same get different answers.

## When it is fine
Null says "asked, and none", and a missing field "never asked": then write it down.

## How to fix it
Settle on one of them in the writers, then mend the other documents in batches.

## Sources
MongoDB manual, "Query for Null or Missing Fields", "Sparse Indexes".
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
    title="What is not known is sometimes null and sometimes missing",
    passed="What is not known is either null or missing",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)


def judge(table: Table, _facts: Facts, *, share: float = 0.05, documents: float = 100) -> Iterator[Verdict]:
    """Compare the shares of the documents that hold null and of those that do not have the field."""
    if unknown := unsampled(table, int(documents)):
        yield unknown
        return
    for column in table.columns:
        shape = shape_of(column)
        null, missing = shape.types.get("null", 0.0) * shape.presence, 1.0 - shape.presence
        if min(null, missing) < share or shape.of < documents or is_data_name(column.name):
            continue
        path = table.column_path(column.name)
        yield Flaw(
            subject=field_subject(table, column),
            title=fitting(f"{path} is null in some documents and missing in others"),
            evidence=(
                Evidence(name="share with null", value=round(null, 4), unit="share", probe="fields"),
                Evidence(name="share without the field", value=round(missing, 4), unit="share", probe="fields"),
                sampled(table),
                rows(table),
            ),
            explanation=f"{path} is null in {percent(null)} of the documents, and {percent(missing)} do not have it.",
            recommendation="Settle on one of them, and write down what it means.",
            operations=(
                ChangeApplication(
                    topic="null-or-missing", subject=path,
                    instruction=f"Let the writers of {path} either leave it out or write null, and mend the other "
                    "documents in batches ($unset, or $set to null).",
                ),
            ),
        )  # fmt: skip
