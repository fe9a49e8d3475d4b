"""Documents that are made for a short time never expire.

## What
Collections whose name says that they hold sessions, tokens, codes, locks or a cache, that have a date by which they
could expire, and of which nothing expires and hardly anything is deleted.

## Why it matters
They grow without end, though nobody asks for what is old; and a session or token that is kept is one that can be
stolen.

## When it is fine
A job deletes them by moving to another collection, or they have to be kept as evidence.

## How to fix it
Build an index on the date with expireAfterSeconds: 0 where the date says when it is over. Begin with more time than the
oldest document needs and shorten it step by step, so that the deletions do not come all at once.

## Sources
MongoDB manual, "Expire Data from Collections by Setting TTL".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import SetExpiry
from auditor.model.units import TABLES, column_called
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import singulars, words
from auditor_checks._words import fitting

CHECK = Check(
    title="Documents that are made for a short time never expire",
    passed="Documents that are made for a short time expire",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=TABLES,
    needs=("collections", "indexes", "fields", "collection-usage", "collection-sizes"),
    engines=("mongodb",),
)
_SHORT_LIVED = frozenset("session token otp nonce captcha cache lock verification".split())
_ENDS = frozenset("expire expires expiry expired expiration until".split())
_BEGINS = frozenset("created creation inserted issued updated modified accessed seen started".split())
_DAYS = 90
"""How long what has no end of its own is kept: a start that hardly anybody will miss something by."""


def judge(
    table: Table, facts: Facts, *, min_rows: float = 1_000, deleted_share: float = 0.05, min_presence: float = 0.9
) -> Iterator[Flaw]:
    """Report a collection of short-lived documents in which nothing expires."""
    if not any(singulars(word) & _SHORT_LIVED for word in words(table.name)) or facts.rows(table) < min_rows:
        return
    documents, usage = table.documents, table.usage
    if documents is None or documents.capped or documents.expire_seconds is not None or usage is None:
        return
    if any(index.expire_seconds is not None for index in facts.indexes_of(table.key)):
        return
    if usage.deleted > deleted_share * max(usage.inserted, 1):
        return
    column, ends = _date(table, min_presence)
    if column is None or column.shape is None:
        return
    rows = facts.rows(table)
    yield Flaw(
        title=fitting(f"{table.name} has {column.name}, and nothing expires by it"),
        related=(column_called(table, column.name),),
        severity=Severity.MEDIUM if ends else Severity.LOW,
        confidence=Confidence.LIKELY if ends else Confidence.POSSIBLE,
        evidence=(
            Evidence(name="documents", value=round(rows), unit="documents", probe="collection-sizes"),
            Evidence(name="documents looked at that have the date", value=column.shape.documents, unit="documents",
                     probe="fields"),
            Evidence(name="deletions since the counters began", value=usage.deleted, unit="operations",
                     probe="collection-usage"),
            Evidence(name="insertions since the counters began", value=usage.inserted, unit="operations",
                     probe="collection-usage"),
        ),
        impact=Impact(rows=round(rows), bytes=table.bytes, risk="it grows without end"),
        explanation=(
            f"By its name {table.path} holds what is made for a short time. It has {rows:,.0f} documents, no index by "
            f"which they expire, and {usage.deleted:,} deletions were counted."
        ),
        recommendation=f"Let its documents expire by {column.name}, beginning with more time than they need.",
        operations=(
            SetExpiry(
                schema=table.schema, table=table.name, column=column.name, seconds=0 if ends else _DAYS * 86_400
            ),
        ),
    )  # fmt: skip


def _date(table: Table, min_presence: float) -> tuple[Column | None, bool]:
    """The date by which documents could expire, and whether it says when they are over."""
    dates = [
        column
        for column in table.columns
        if column.shape is not None
        and column.shape.types.get("date", 0.0) >= min_presence
        and column.shape.presence >= min_presence
        and "." not in column.name
    ]
    for wanted in (_ENDS, _BEGINS):
        for column in dates:
            if wanted.intersection(words(column.name)):
                return column, wanted is _ENDS
    return None, False
