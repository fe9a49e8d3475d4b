"""Collections are tables: flat documents that refer to each other.

## What
Databases of five sampled collections and more, most of which hold flat documents (no objects, no arrays) and are tied
to each other by references of which look-ups found the other side: at least as many references as half the collections.
Collections that are nothing but pairs of references, and those with few documents for each of another, are named.

## Why it matters
Every page of the application joins (``$lookup``, or one query after the other), which a document database does slower
than a relational one, without its foreign keys, and across documents without a transaction by default. The schema pays
for both worlds.

## When it is fine
The parts are large, change by themselves and are read by themselves.

## How to fix it
Begin with what is read together: embed children that are few and belong to one parent; copy the few fields of a parent
that its children are always shown with. Or move the database to a relational engine: then its references are kept.

## Sources
MongoDB manual, "Embedded Data Versus References", "Data Modeling": data that is accessed together should be stored
together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditor.model.catalog import Schema, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import collection_subject, documents_of, sample_of
from auditor_checks._links import Linked
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="Collections are tables in disguise",
    passed="Collections hold what belongs together",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.POSSIBLE,
    unit=SCHEMAS,
    needs=("collections", "fields", "references", "collection-sizes"),
)
SHOWN = 5


class Few(NamedTuple):
    """A collection with few documents for each of another."""

    child: Table
    parent: str
    each: float


def judge(
    schema: Schema, facts: Facts, *, collections: float = 5, flat: float = 0.7, few: float = 20
) -> Iterator[Verdict]:
    """Count flat collections and the references between them."""
    tables = [table for table in facts.tables_in(schema.name) if sample_of(table).documents]
    plain = [table for table in tables if not any(one.family in ("document", "array") for one in table.columns)]
    if len(tables) < collections or len(plain) < flat * len(tables):
        return
    linked = [Linked(table, link) for table in tables for link in documents_of(table).links]
    if len(linked) < len(tables) / 2:
        return
    pairs = [table for table in plain if _is_pair(table)]
    children = _few(linked, facts, few)
    named = ", ".join(f"{one.child.name} ({one.each:.1f} for each of {one.parent})" for one in children[:SHOWN])
    yield Flaw(
        title=fitting(f"{schema.name} is relational: {len(plain)} flat collections with {len(linked)} references"),
        related=tuple(collection_subject(one.child) for one in children[:SHOWN]),
        evidence=(
            Evidence(name="collections sampled", value=len(tables), unit="collections", probe="fields"),
            Evidence(name="of these flat", value=len(plain), unit="collections", probe="fields"),
            Evidence(name="references between them", value=len(linked), unit="references", probe="references"),
            Evidence(name="nothing but pairs of references", value=len(pairs), unit="collections", probe="references"),
            Evidence(name="few documents for each of another", value=len(children), unit="collections",
                     probe="references"),
        ),
        explanation=f"{percent(len(plain) / len(tables))} of the collections of {schema.name} hold flat documents, and "
        f"{len(linked)} fields refer to other collections"
        + (f"; few for each parent are {named}." if children else "."),
        recommendation="Embed children that are few and belong to one parent, or keep this in a relational database.",
        operations=(
            ChangeApplication(
                topic="relational-in-disguise", subject=schema.name,
                instruction="For each page and process list which collections it reads together. Embed "
                + (named or "children that are few and belong to one parent")
                + "; copy into a document the few fields of others that it is always shown with; or move "
                f"{schema.name} to a relational database.",
            ),
        ),
    )  # fmt: skip


def _is_pair(table: Table) -> bool:
    """Whether its documents are two references and hardly anything else."""
    return len(documents_of(table).links) >= 2 and len(table.columns) <= 5


def _few(linked: Sequence[Linked], facts: Facts, few: float) -> list[Few]:
    """The collections with few documents for each document of the one collection that they refer to."""
    found = []
    for item in linked:
        parent = facts.table((item.link.database, item.link.collection))
        if parent is None or parent is item.table or len(documents_of(item.table).links) != 1 or item.link.many:
            continue
        each = facts.rows(item.table) / max(facts.rows(parent), 1.0)
        if 0 < each <= few:
            found.append(Few(item.table, parent.name, each))
    return sorted(found, key=lambda one: one.child.key)
