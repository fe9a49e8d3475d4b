"""Nearly all documents have a field, and some do not.

## What
Fields that 95 to 99.9 % of at least two hundred sampled documents have, and that the newest documents lack as well:
what was added at some time, so that only old documents lack it, is left out.

## Why it matters
Readers are written as if it were always there, and fail on the few documents where it is not. Often one writer among
several forgets it.

## When it is fine
It is optional by design, and just very common.

## How to fix it
Find the writer that leaves it out, fill in the documents that lack it, then demand it by a validator.

## Sources
MongoDB manual, "Specify JSON Schema Validation": required.
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
from auditor_checks._documents import field_subject, is_data_name, rows, sampled, shape_of, unsampled, wilson
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="Nearly all documents have a field, and some do not",
    passed="Fields are either always there or plainly optional",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)


def judge(
    table: Table, _facts: Facts, *, least: float = 0.95, most: float = 0.999, documents: float = 200
) -> Iterator[Verdict]:
    """Look at the share that has the field, and whether the newest documents lack it too."""
    if unknown := unsampled(table, int(documents)):
        yield unknown
        return
    for column in table.columns:
        shape = shape_of(column)
        if not least <= shape.presence <= most or shape.of < documents or is_data_name(column.name):
            continue
        if shape.newest is None or shape.newest == 1.0 or shape.in_array:
            continue
        path, (low, high) = table.column_path(column.name), wilson(shape.of - shape.documents, shape.of)
        yield Flaw(
            subject=field_subject(table, column),
            title=fitting(f"{path} is missing in {percent(1 - shape.presence)} of the documents"),
            evidence=(
                Evidence(name="share that lacks it", value=round(1 - shape.presence, 4), unit="share", probe="fields"),
                Evidence(name="of all, at least", value=round(low, 4), unit="share", probe="fields"),
                Evidence(name="at most", value=round(high, 4), unit="share", probe="fields"),
                Evidence(name="share of the newest that has it", value=shape.newest, unit="share", probe="fields"),
                sampled(table),
                rows(table),
            ),
            explanation=f"{shape.documents:,} of {shape.of:,} sampled documents have {path}; of the newest "
            f"{percent(shape.newest)} do, so some writer still leaves it out.",
            recommendation="Find that writer, fill in the field where it is missing, then demand it by a validator.",
            operations=(
                ChangeApplication(
                    topic="required-field", subject=path,
                    instruction=f"Find out which writer leaves out {path}, fill it in where it is missing, in batches, "
                    "then add it to the required fields of a validator.",
                ),
            ),
        )  # fmt: skip
