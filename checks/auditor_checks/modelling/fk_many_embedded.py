"""A document lists so many keys of others that the list is a collection in disguise.

## What
Arrays that hold keys of another collection, of which one document in a hundred lists two hundred and more; and arrays
of keys on both sides of the same two collections.

## Why it matters
A long list is rewritten whenever a key is added, an index over it has an entry for each key, and ``$lookup`` reads all
of them. Two lists of one fact disagree sooner or later: nothing keeps them in step.

## When it is fine
The list has a bound by nature (the members of a team), and stands on one side.

## How to fix it
Let the side with few references hold the keys; or keep one document for each pair, with an index over both keys.

## Sources
MongoDB manual, "Model One-to-Many Relationships with Document References", "Avoid Unbounded Arrays".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import documents_of, rows, shape_of
from auditor_checks._links import LINKS, Linked, looked_up
from auditor_checks._words import fitting

CHECK = Check(
    title="Documents list very many keys of others",
    passed="No documents list very many keys of others",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=LINKS,
    needs=("collections", "fields", "references"),
)


def judge(item: Linked, facts: Facts, *, keys: float = 200, many: float = 1_000) -> Iterator[Flaw]:
    """Look at the length of the list, and for a list the other way round."""
    array = shape_of(item.column).array if item.column is not None else None
    if array is None:
        return
    target = facts.table((item.link.database, item.link.collection))
    back = [
        link for link in (documents_of(target).links if target is not None else ())
        if link.many and (link.database, link.collection) == item.table.key and target is not item.table
    ]  # fmt: skip
    if array.p99 < keys and not (back and item.table.key < (item.link.database, item.link.collection)):
        return
    other = f" and {item.target}.{back[0].field} lists the other way round" if back else ""
    yield Flaw(
        title=fitting(f"{item.path} lists up to {array.maximum:,} keys of {item.target}"),
        severity=Severity.HIGH if array.p99 >= many else Severity.MEDIUM if array.p99 >= keys else Severity.LOW,
        related=(Subject(kind="collection", name=item.target),),
        evidence=(
            *looked_up(item),
            Evidence(name="longest list", value=array.maximum, unit="keys", probe="fields"),
            Evidence(name="99th percentile", value=array.p99, unit="keys", probe="fields"),
            Evidence(name="lists the other way round", value=len(back), unit="fields", probe="references"),
            rows(item.table),
        ),
        explanation=f"{item.path} lists {array.mean:,.0f} keys of {item.target} on average and {array.maximum:,} at "
        f"most{other}.",
        recommendation="Let the side with few references hold the keys, or keep one document for each pair.",
        operations=(
            ChangeApplication(
                topic="many-to-many", subject=item.path,
                instruction=f"Keep one document for each pair of {item.table.path} and {item.target}, with an index "
                "over each key; write both forms until all readers have moved.",
            ),
        ),
    )  # fmt: skip
