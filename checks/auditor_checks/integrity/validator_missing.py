"""Documents have a stable form, and nothing keeps it.

## What
Large collections without a validator whose sampled documents all have the same fields, of the same types: at least
four at the top.

## Why it matters
The form is a rule that every program knows and the database does not: the first writer with a mistake breaks it, and
nobody notices until a reader fails.

## When it is fine
One program alone writes the collection and checks what it writes. A sink of raw events.

## How to fix it
Add the rule that the sample suggests with ``validationAction: "warn"``, read the log for what breaks it, mend that,
then let the server refuse it.

## Sources
MongoDB manual, "Schema Validation", "Specify JSON Schema Validation", "Choose How to Handle Invalid Documents".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import SetValidator
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import documents_of, rows, sampled, schema_of, shape_of, unsampled
from auditor_checks._gridfs import is_gridfs
from auditor_checks._words import fitting

CHECK = Check(
    title="Documents have a stable form that no validator keeps",
    passed="Stable forms of documents are kept by validators",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields", "collection-sizes"),
)


def judge(
    table: Table, facts: Facts, *, least_rows: float = 10_000, fields: float = 4, documents: float = 100
) -> Iterator[Verdict]:
    """Count the fields that every sampled document has in the same type."""
    known = documents_of(table)
    if facts.rows(table) < least_rows or known.validator is not None or known.time_series is not None:
        return
    if unknown := unsampled(table, int(documents)):
        yield unknown
        return
    top = [column for column in table.columns if "." not in column.name]
    stable = [one for one in top if shape_of(one).presence == 1.0 and len(shape_of(one).types) == 1]
    if len(stable) < fields or len(stable) < 0.8 * len(top) or known.dynamic or known.groups or is_gridfs(table):
        return
    yield Flaw(
        title=fitting(f"All documents of {table.path} have {len(stable)} fields of one type, and no rule says so"),
        evidence=(
            Evidence(name="fields that all have in one type", value=len(stable), unit="fields", probe="fields"),
            Evidence(name="fields at the top", value=len(top), unit="fields", probe="fields"),
            sampled(table),
            rows(table),
        ),
        explanation=f"All {known.sample.documents if known.sample else 0:,} sampled documents of {table.path} have "
        f"{len(stable)} of {len(top)} fields in the same type, and no validator demands it.",
        recommendation="Add the rule with the action warn, mend what breaks it, then let the server refuse it.",
        operations=(SetValidator(schema=table.schema, table=table.name, rule=schema_of(table)),),
    )
