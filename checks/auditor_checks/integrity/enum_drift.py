"""The same value is written in different ways.

## What
Texts with few different values, of which some are the same once capitals and blanks around them are ignored. The values
are compared inside the sampler and are not kept.

## Why it matters
A search for "paid" does not find "Paid", a count by value has two lines for one thing, and each reader mends it in its
own way or forgets to.

## When it is fine
The difference means something, such as in codes where case counts.

## How to fix it
Choose one spelling, mend the writers, convert the others in batches, then list the allowed values in a validator
(``enum``).

## Sources
MongoDB manual, "Specify Allowed Field Values".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import field_subject, is_data_name, rows, sampled, shape_of, unsampled
from auditor_checks._words import fitting

CHECK = Check(
    title="The same value is written in different ways",
    passed="Values are written alike",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)


def judge(
    table: Table, _facts: Facts, *, values: float = 30, documents: float = 50, length: float = 40
) -> Iterator[Verdict]:
    """Compare the number of different values with the number that remains when spelling is ignored."""
    if unknown := unsampled(table, int(documents)):
        yield unknown
        return
    for column in table.columns:
        known, shape = column.statistics, shape_of(column)
        if column.family != "text" or known is None or known.distinct is None or known.distinct_folded is None:
            continue
        if known.sampled_values < documents or (shape.length_maximum or 0) > length or is_data_name(column.name):
            continue
        folded, distinct = round(known.distinct_folded), round(known.distinct)
        if not 1 <= folded <= values or distinct <= folded:
            continue
        path = table.column_path(column.name)
        yield Flaw(
            subject=field_subject(table, column),
            title=fitting(f"{path} writes {folded} values in {distinct} ways"),
            evidence=(
                Evidence(name="different values", value=distinct, unit="values", probe="fields"),
                Evidence(name="without capitals and blanks", value=folded, unit="values", probe="fields"),
                sampled(table),
                rows(table),
            ),
            impact=Impact(risk="searches and counts that miss a spelling"),
            explanation=f"{path} has {distinct} different values; when capitals and blanks around them are ignored, "
            f"{folded} remain.",
            recommendation="Choose one spelling, convert the others, then list the allowed values in a validator.",
            operations=(
                ChangeApplication(
                    topic="one-spelling", subject=path,
                    instruction=f"List the values of {path} with their counts, choose one spelling of each, mend the "
                    "writers, convert the others in batches, then list the allowed values in a validator.",
                ),
            ),
        )  # fmt: skip
