"""Old and new documents have different fields, and none says its version.

## What
Collections whose oldest and newest sampled documents differ: fields that nearly all old ones have and nearly no new
ones, and the other way round. A field that names the version of the schema makes it fine.

## Why it matters
Every reader has to know all forms that there ever were. Who forgets one shows empty values for old documents, or writes
an old document back in half of the new form.

## When it is fine
Events that are kept as they happened, and read by programs that know their age.

## How to fix it
Add a version to new documents, let readers upgrade old ones when they write them, and sweep the rest in batches (the
schema versioning pattern).

## Sources
MongoDB manual, "Maintain Different Schema Versions".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import field_subject, rows, sampled, shape_of, unsampled
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="Old and new documents differ, and none says its version",
    passed="Old and new documents have the same fields, or say their version",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)
SHOWN = 5
_VERSIONS = {("schema", "version"), ("schema", "v"), ("version",), ("v",), ("doc", "version"), ("format", "version")}


def judge(
    table: Table, _facts: Facts, *, documents: float = 50, many: float = 0.9, few: float = 0.1
) -> Iterator[Verdict]:
    """Look for fields that came, and for fields that went."""
    if unknown := unsampled(table, int(documents)):
        yield unknown
        return
    if any(words(column.name) in _VERSIONS for column in table.columns):
        return
    told = [column for column in table.columns if not shape_of(column).in_array]
    gone = [one for one in told if _share(one, old=True) >= many and _share(one, old=False) <= few]
    came = [one for one in told if _share(one, old=True) <= few and _share(one, old=False) >= many]
    if not gone or not came:
        return
    yield Flaw(
        title=fitting(f"Old documents of {table.path} lack what new ones have, and the other way round"),
        related=tuple(field_subject(table, column) for column in (*gone[:SHOWN], *came[:SHOWN])),
        evidence=(
            Evidence(name="fields of the old alone", value=len(gone), unit="fields", probe="fields"),
            Evidence(name="fields of the new alone", value=len(came), unit="fields", probe="fields"),
            sampled(table),
            rows(table),
        ),
        explanation=f"The oldest documents of {table.path} have {_listed(gone)}, which the newest lack; these have "
        f"{_listed(came)} instead. No field names the version of a document.",
        recommendation="Add a version to new documents, upgrade old ones as they are written, and sweep the rest.",
        operations=(
            ChangeApplication(
                topic="schema-version", subject=table.path,
                instruction=f"Write a version into new documents of {table.path}, read both forms, move the old "
                "documents to the new form in batches, then read the new form alone.",
            ),
        ),
    )  # fmt: skip


def _share(column: Column, *, old: bool) -> float:
    """The share of the oldest or newest that have it; one half where the order is not known, which is neither."""
    shape = shape_of(column)
    known = shape.oldest if old else shape.newest
    return 0.5 if known is None else known


def _listed(columns: list[Column]) -> str:
    return ", ".join(column.name for column in columns[:SHOWN]) + (" …" if len(columns) > SHOWN else "")
