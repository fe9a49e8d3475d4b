"""A reference holds its keys in another type than the keys have.

## What
Fields whose values are keys of another collection once they are converted: texts of 24 digits where the keys are
ObjectIds, texts of digits where they are numbers. A bounded number of values was looked up, as they are and converted.

## Why it matters
A join (``$lookup``) and a search with the key find nothing, because values of different types are never equal. Every
program converts by itself, and an index over the field takes twice the space.

## When it is fine
The field comes from another system, and is never joined.

## How to fix it
Write the field in the type of the key, in new documents and in batches in the old ones, while readers accept both; then
build the index.

## Sources
MongoDB manual, "Comparison/Sort Order" of BSON types, "$lookup", "$convert".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AnyOperation, ChangeApplication, ChangeColumnType
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import rows, shape_of
from auditor_checks._links import LINKS, Linked, looked_up
from auditor_checks._words import fitting

CHECK = Check(
    title="References hold keys in another type than the keys have",
    passed="References hold keys in the type that the keys have",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=LINKS,
    needs=("collections", "fields", "references"),
)


def judge(item: Linked, facts: Facts, *, share: float = 0.5) -> Iterator[Flaw]:
    """Report references of which only converted values are found."""
    cast, column = item.link.cast_found or 0, item.column
    target = facts.table((item.link.database, item.link.collection))
    key = target.column("_id") if target is not None else None
    if item.link.found or cast < share * item.link.tried or column is None or key is None:
        return
    yield Flaw(
        title=fitting(f"{item.path} is {column.type}, the keys of {item.target} are {key.type}"),
        related=(Subject(kind="collection", name=item.target),),
        evidence=(
            *looked_up(item),
            Evidence(name="type of the field", value=column.base_type or column.type, probe="fields"),
            Evidence(name="type of the keys", value=key.type, probe="fields"),
            rows(item.table),
        ),
        impact=Impact(risk="joins that find nothing"),
        explanation=f"Of {item.link.tried} values of {item.path} none is a key of {item.target} as it is, and {cast} "
        f"are when they are converted from {column.base_type or column.type} to {key.type}.",
        recommendation=f"Keep {item.path} as {key.type}.",
        operations=(_operation(item, column.type, key.type),),
    )


def _operation(item: Linked, own: str, key: str) -> AnyOperation:
    if item.link.many or item.column is None or shape_of(item.column).in_array:
        return ChangeApplication(
            topic="key-type", subject=item.path,
            instruction=f"Write {item.path} as {key}, convert the old documents in batches, and let readers accept "
            "both until then.",
        )  # fmt: skip
    return ChangeColumnType(
        schema=item.table.schema, table=item.table.name, column=item.link.field, from_type=own, to_type=key
    )
