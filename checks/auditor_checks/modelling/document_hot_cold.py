"""Small changes rewrite documents that are mostly something else.

## What
Collections of which one field at the top takes three quarters of the bytes of a document (4 KiB and more on average),
and whose counted updates nearly all set other fields.

## Why it matters
The storage engine writes a document as a whole: a counter beside a long text costs the text with each change, in the
cache, in the journal and, where the whole document is replaced, on every replica.

## When it is fine
Updates are rare, or the document is always read and shown as a whole.

## How to fix it
Move what is large and still into a companion collection with the same ``_id``, and leave what changes with what is
shown in lists.

## Sources
MongoDB manual, "Reduce Bloated Documents"; WiredTiger documentation, "Cache and eviction": updates rewrite the value.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import SplitTable
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._documents import documents_of, field_subject, rows, sampled, shape_of, unsampled
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="Small changes rewrite documents that are mostly something else",
    passed="What changes often does not lie in large documents",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields", "collection-sizes", "profile"),
)
_LARGE = frozenset({"text", "binary", "document"})


def judge(
    table: Table, facts: Facts, *, bytes_mean: float = 4096, share: float = 0.75, calls: float = 100, other: float = 0.9
) -> Iterator[Verdict]:
    """Compare what takes the bytes with what updates set."""
    mean = documents_of(table).bytes_mean
    if mean is None or mean < bytes_mean:
        return
    if unknown := unsampled(table):
        yield unknown
        return
    heavy = next((one for one in table.columns if "." not in one.name and _weight(one) >= share * mean), None)
    if heavy is None or heavy.family not in _LARGE:
        return
    updates = [one for one in facts.writers_of(table.key) if one.parsed is not None and one.parsed.assigned]
    total = sum(one.calls for one in updates)
    if not facts.statements:
        yield Unknown(reason="no statements are known: the profiler is off, and nothing was slow")
    if total < calls:
        return
    beside = sum(one.calls for one in updates if one.parsed is not None and not _sets(one.parsed.assigned, heavy.name))
    if beside < other * total:
        return
    path, part = table.column_path(heavy.name), min(1.0, _weight(heavy) / mean)
    yield Flaw(
        title=fitting(f"{beside:,} updates rewrote documents of which {percent(part)} is {heavy.name}"),
        related=(field_subject(table, heavy),),
        evidence=(
            Evidence(name="mean size of a document", value=round(mean), unit="bytes", probe="collection-sizes"),
            Evidence(name=f"share of {heavy.name}", value=round(part, 3), unit="share", probe="fields"),
            Evidence(name="counted updates", value=total, unit="calls", probe="profile"),
            Evidence(name="of these, updates of other fields", value=beside, unit="calls", probe="profile"),
            sampled(table),
            rows(table),
        ),
        impact=Impact(risk="writes that are many times as large as what they change"),
        explanation=f"Documents of {table.path} have {size(mean)} on average, {percent(part)} of it in {path}; "
        f"{beside:,} of {total:,} counted updates set other fields, and each rewrote the whole.",
        recommendation=f"Move {heavy.name} into a companion collection with the same _id.",
        operations=(
            SplitTable(schema=table.schema, table=table.name, columns=(heavy.name,), into=f"{table.name}_{heavy.name}"),
        ),
    )


def _weight(column: Column) -> float:
    shape = shape_of(column)
    return (shape.bytes_mean or 0.0) * shape.presence


def _sets(assigned: tuple[str, ...], name: str) -> bool:
    """Whether an update sets the field, or something inside it."""
    return any(one == name or one.startswith(f"{name}.") for one in assigned)
