"""Few small documents belong to each of another collection, and are fetched with it.

## What
Collections of small documents that refer to one other collection and to which nobody refers: no document of that one
has more than twenty of them by the sample, searches by the reference or joins with it were counted, and changes of them
are rarer than these.

## Why it matters
Each page makes two searches, or a join, for what one document could hold; a change of both sides needs a transaction;
and what belongs to a deleted document stays behind.

## When it is fine
They are shown by themselves as often, or their number is about to grow.

## How to fix it
Embed them as an array in the document that they belong to, with a bound in the application; write both for a while,
copy the old ones, move the readers, drop the collection.

## Sources
MongoDB manual, "Model One-to-Many Relationships with Embedded Documents", "Embedded Data Versus References".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import Unit, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import collection_subject, documents_of, rows, sampled
from auditor_checks._links import Linked, links, looked_up
from auditor_checks._words import fitting


def _only_children(facts: Facts) -> list[Linked]:
    """The references of collections that have one, and to which none leads."""
    found = links(facts)
    targets = {(item.link.database, item.link.collection) for item in found}
    return [
        item
        for item in found
        if len(documents_of(item.table).links) == 1 and not item.link.many and item.table.key not in targets
    ]


CHECK = Check(
    title="Few small documents belong to each of another collection",
    passed="What is few and small lies in the document that it belongs to",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=Unit(
        plural="collections that refer to one other", items=_only_children,
        subject=lambda item: table_subject(item.table), weight=lambda facts, item: facts.exposure(item.table),
    ),
    needs=("collections", "fields", "references", "collection-sizes", "profile"),
)  # fmt: skip


def judge(
    item: Linked, facts: Facts, *, few: float = 20, bytes_mean: float = 1024, calls: float = 100
) -> Iterator[Verdict]:
    """Compare the commonest value of the reference with the limit, and the searches by it with the changes."""
    if not facts.statements:
        yield Unknown(reason="no statements are known: the profiler is off, and nothing was slow")
        return
    column, mean = item.column, documents_of(item.table).bytes_mean
    known = column.statistics if column is not None else None
    if known is None or known.top_frequency is None or mean is None or mean > bytes_mean:
        return
    # What one of them has most of: in the whole collection as often as in the sample.
    most = known.top_frequency * facts.rows(item.table)
    fetched = sum(
        one.statement.calls
        for one in facts.statement_uses.get(item.table.key, ())
        if item.link.field in (*one.use.equal, *one.use.joined) and one.parsed.target is None
    )
    changed = sum(one.calls for one in facts.writers_of(item.table.key) if one.kind != "insert")
    if most > few or fetched < calls or changed > fetched:
        return
    yield Flaw(
        title=fitting(f"At most {most:,.0f} documents of {item.table.path} belong to each of {item.target}"),
        related=tuple(
            collection_subject(target)
            for target in [facts.table((item.link.database, item.link.collection))]
            if target is not None
        ),
        evidence=(
            *looked_up(item),
            Evidence(name="most documents with one key", value=round(most), unit="documents", probe="fields"),
            Evidence(name="mean size", value=round(mean), unit="bytes", probe="collection-sizes"),
            Evidence(name="counted searches and joins by the reference", value=fetched, unit="calls", probe="profile"),
            Evidence(name="counted changes", value=changed, unit="calls", probe="profile"),
            sampled(item.table),
            rows(item.table),
        ),
        explanation=f"Documents of {item.table.path} have {mean:,.0f} bytes and belong to one of {item.target}, at "
        f"most about {most:,.0f} to each; they were fetched by {item.link.field} {fetched:,} times.",
        recommendation=f"Embed them in {item.target} as an array with a bound.",
        operations=(
            ChangeApplication(
                topic="embed-few", subject=item.table.path,
                instruction=f"Write the documents of {item.table.path} also as an array of {item.target}, copy the old "
                "ones in batches, compare, move the readers, then drop the collection.",
            ),
        ),
    )  # fmt: skip
