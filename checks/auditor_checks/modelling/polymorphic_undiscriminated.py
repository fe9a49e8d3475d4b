"""Documents of several kinds share a collection, and nothing says which is which.

## What
Collections whose sampled documents fall into groups with few fields in common (a Jaccard index below one half), each
with fields of its own, where no field with few values tells the group, and the groups do not follow each other in time.

## Why it matters
Every reader guesses the kind from the fields that happen to be there. No validator can describe the documents, no
partial index can hold one kind alone, and a forgotten field turns a document into another kind.

## When it is fine
A sink of raw messages that nobody queries by their fields.

## How to fix it
Add a field that names the kind: in new documents at once, in old ones by a job that classifies them; then describe each
kind in a validator (``oneOf``). Kinds that are never read together get collections of their own.

## Sources
MongoDB manual, "Polymorphic Data", "Specify JSON Schema Validation"; Jaccard, "The distribution of the flora in the
alpine zone" (1912).
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
from auditor_checks._documents import documents_of, rows, sampled, unsampled
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="Documents of several kinds, and no field says which",
    passed="Where documents are of several kinds, a field says which",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)


def judge(table: Table, _facts: Facts, *, documents: float = 50) -> Iterator[Verdict]:
    """Report groups that no field tells apart."""
    if unknown := unsampled(table, int(documents)):
        yield unknown
        return
    known = documents_of(table)
    if len(known.groups) < 2 or known.discriminator is not None or known.successive:
        return
    kinds = "; ".join(
        f"{percent(group.share)} with {', '.join(group.fields)}" for group in known.groups if group.fields
    )
    yield Flaw(
        title=fitting(f"{table.path} holds {len(known.groups)} kinds of documents, and no field says which"),
        evidence=(
            Evidence(name="groups of documents", value=len(known.groups), unit="groups", probe="fields"),
            Evidence(name="share of the largest", value=known.groups[0].share, unit="share", probe="fields"),
            sampled(table),
            rows(table),
        ),
        explanation=f"The documents of {table.path} have little in common: {kinds}.",
        recommendation="Add a field that names the kind, and describe each kind in a validator.",
        operations=(
            ChangeApplication(
                topic="document-kinds", subject=table.path,
                instruction=f"Let every document of {table.path} say its kind: write it in new ones, classify the old "
                "ones in batches by the fields that they have, then demand it by a validator.",
            ),
        ),
    )  # fmt: skip
