"""An index that should let documents expire is of a kind that never does.

## What
Hashed, text and geospatial indexes with expireAfterSeconds. The server accepts them and passes over them each time that
it looks for what has expired; it says so in its log only.

## Why it matters
Nothing is ever deleted, while whoever made the index counts on it: the collection grows without end, and data that was
promised to be gone is still there.

## When it is fine
Never. Without expireAfterSeconds the index may well be useful.

## How to fix it
Build an ordinary index on the field with the expiry, at first with more time than the oldest document needs, so that
the deletions do not come all at once; then drop the option or the old index.

## Sources
MongoDB manual, "TTL Indexes", Restrictions; server log messages 22540 and 22541 ("special index can't be used as a TTL
index, skipping TTL job").
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import SetExpiry
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="An index for expiry is of a kind by which nothing expires",
    passed="Every index for expiry is of a kind by which documents expire",
    pillar=Pillar.INDEXING,
    severity=Severity.HIGH,
    confidence=Confidence.CERTAIN,
    unit=INDEXES,
    needs=("indexes", "collections"),
    engines=("mongodb",),
)


def judge(index: Index, facts: Facts) -> Iterator[Flaw]:
    """Report an index with an expiry that is no ordinary one over a single field."""
    if index.expire_seconds is None or index.method == "btree":
        return
    column = index.columns[0] if index.columns else ""
    table = facts.table(index.table_key)
    yield Flaw(
        title=fitting(f"{index.name} is {index.method}: by it nothing expires"),
        related=(Subject(kind="collection", name=f"{index.schema}.{index.table}"),),
        evidence=(
            Evidence(name="kind of the index", value=index.method, probe="indexes"),
            Evidence(name="expires after", value=index.expire_seconds, unit="seconds", probe="indexes"),
            Evidence(name="documents", value=round(facts.rows(table)), unit="documents", probe="collection-sizes"),
        ),
        impact=Impact(rows=round(facts.rows(table)), risk="what should be deleted stays, and the collection grows"),
        explanation=(
            f"{index.path} is a {index.method} index with expireAfterSeconds {index.expire_seconds:,}. The server "
            "passes over indexes of this kind when it deletes what has expired."
        ),
        recommendation=f"Build an ordinary index on {column} with this expiry, beginning with a longer time.",
        operations=(
            SetExpiry(schema=index.schema, table=index.table, column=column, seconds=index.expire_seconds),
        ),
    )  # fmt: skip
