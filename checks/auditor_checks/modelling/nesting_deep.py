"""Documents are nested so deeply that nobody can address what is inside.

## What
Collections whose sampled documents have objects or arrays within each other at more than eight levels.

## Why it matters
Each level of arrays needs a filter of its own in an update, an index cannot tell which elements belong together, and
the paths in queries become programs. At 100 levels the server refuses a document.

## When it is fine
A foreign format is kept as it came, and only read as a whole.

## How to fix it
A tree is kept as one document for each node with its parent or its path; what belongs to inner elements gets a
collection of its own.

## Sources
MongoDB manual, "Limits and Thresholds": nested depth of 100 levels; "Model Tree Structures".
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
from auditor_checks._words import fitting

CHECK = Check(
    title="Documents are nested deeply",
    passed="No documents are nested deeply",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)


def judge(table: Table, _facts: Facts, *, depth: float = 8, deep: float = 20) -> Iterator[Verdict]:
    """Compare the deepest document of the sample with the limits."""
    if unknown := unsampled(table):
        yield unknown
    known = documents_of(table)
    if known.depth is None or known.depth <= depth:
        return
    deepest = max((column.name for column in table.columns), key=lambda name: (name.count("."), name))
    yield Flaw(
        title=fitting(f"Documents of {table.path} have {known.depth} levels"),
        severity=Severity.MEDIUM if known.depth > deep else Severity.LOW,
        evidence=(
            Evidence(name="levels", value=known.depth, unit="levels", probe="fields"),
            Evidence(name="longest path", value=deepest, probe="fields"),
            sampled(table),
            rows(table),
        ),
        explanation=f"Documents of {table.path} have objects and arrays within each other at {known.depth} levels.",
        recommendation="Keep a tree as one document for each node with the path to it; give inner elements that are "
        "changed by themselves a collection of their own.",
        operations=(
            ChangeApplication(
                topic="deep-nesting", subject=table.path,
                instruction=f"Flatten the documents of {table.path}: one for each node, with the key of its parent.",
            ),
        ),
    )  # fmt: skip
