"""The field by which documents expire holds no dates.

## What
Indexes with expireAfterSeconds whose field a sample of the documents has, but with values that are no dates: texts,
numbers, timestamps of the replication, objects.

## Why it matters
The server deletes a document only if the field is a date, or an array that has one. The others stay for ever, silently.

## When it is fine
Documents that are meant to stay may leave the field out or set it to null: these are not counted.

## How to fix it
Write dates, in new documents first; then convert the old values in batches. Before that, give the index a longer time,
so that the deletions do not come all at once.

## Sources
MongoDB manual, "TTL Indexes": "If the indexed field in a document is not a date or an array that holds one or more date
values, the document will not expire."
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeColumnType
from auditor.model.units import INDEXES, column_called, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="The field by which documents expire holds no dates",
    passed="The fields by which documents expire hold dates",
    pillar=Pillar.INDEXING,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=INDEXES,
    needs=("indexes", "fields"),
    engines=("mongodb",),
)
_FITTING = ("date", "array")
"""What may expire, an array if one of its elements is a date."""


def judge(index: Index, facts: Facts, *, min_share: float = 0.01, high_share: float = 0.5) -> Iterator[Verdict]:
    """Report an index with an expiry over values that are no dates."""
    if index.expire_seconds is None or index.method != "btree" or len(index.columns) != 1:
        return
    table = facts.table(index.table_key)
    if table is None or not table.columns:
        yield Unknown(reason=f"no document of {index.schema}.{index.table} was looked at")
        return
    column = table.column(index.columns[0])
    if column is None or column.shape is None:
        return
    kinds = {kind: part for kind, part in column.shape.types.items() if kind not in ("null", "undefined")}
    wrong = {kind: part for kind, part in kinds.items() if kind not in _FITTING}
    part = sum(wrong.values()) / sum(kinds.values()) if kinds else 0.0
    if part < min_share:
        return
    commonest = max(sorted(wrong), key=lambda kind: wrong[kind])
    yield Flaw(
        title=fitting(f"{percent(part)} of {column.name}, by which {table.name} expires, are no dates"),
        severity=Severity.HIGH if part >= high_share else Severity.MEDIUM,
        related=(column_called(table, column.name), table_subject(table)),
        evidence=(
            Evidence(name="share of values that are no dates", value=round(part, 4), unit="share", probe="fields"),
            Evidence(name="commonest type among them", value=commonest, probe="fields"),
            Evidence(name="documents looked at that have it", value=column.shape.documents, unit="documents",
                     probe="fields"),
            Evidence(name="expires after", value=index.expire_seconds, unit="seconds", probe="indexes"),
        ),
        impact=Impact(rows=round(part * facts.rows(table)), risk="what should be deleted stays for ever"),
        explanation=(
            f"Of {column.shape.documents:,} documents that were looked at, {percent(part)} have a {commonest} or "
            f"another value that is no date in {column.name}: by {index.path} these never expire."
        ),
        recommendation=f"Write dates into {column.name}, then convert the values that are there.",
        operations=(
            ChangeColumnType(
                schema=table.schema, table=table.name, column=column.name, from_type=commonest, to_type="date"
            ),
        ),
    )  # fmt: skip
