"""Two names differ by almost nothing.

## What
Two tables of a schema, or two columns of a table, whose names are the same but for underscores, capitals, or (tables) a
plural: order and orders, user_id and userid. In documents, some have the one field and some the other.

## Why it matters
Whoever types one by mistake gets no error but the other's rows. Often one of them is a leftover that some programs
still write to, so that the truth is in two places.

## When it is fine
The one is a list of kinds and the other the things (rarely), or a migration from one to the other is under way.

## How to fix it
Find out which one is in use, move what the other holds, and drop it; or give one a name that says the difference.

## Sources
PostgreSQL manual, "Lexical Structure: Identifiers and Key Words".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from auditor.model.catalog import Column, Key, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication, RenameColumn
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import singulars, words
from auditor_checks._words import fitting

CHECK = Check(
    title="Two names differ by almost nothing",
    passed="Names can be told apart",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables|collections", "columns|fields"),
)


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Compare the table's name with the schema's others, and its columns' names with each other."""
    twins = facts.once("name-lookalike", lambda: _twins(facts.tables))
    for other in twins.get(table.key, ()):
        kind = "collection" if table.documents else "table"
        yield _flaw(kind, table.path, other.path, "", (facts.rows(table), facts.rows(other)))
    seen: dict[str, Column] = {}
    for column in table.columns:
        first = seen.setdefault(_folded(column.name), column)
        if first is not column:
            one, two = table.column_path(first.name), table.column_path(column.name)
            yield _field(table, first, column) if table.documents else _flaw("column", one, two, column.name, None)


def _folded(name: str) -> str:
    """The name without what is easily overlooked."""
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()


def _twins(tables: Sequence[Table]) -> dict[Key, list[Table]]:
    """Pairs of tables whose names fold to the same, or one to a singular of the other, by the first of the two."""
    by_name: dict[tuple[str, str], list[Table]] = defaultdict(list)
    for table in tables:
        by_name[table.schema, _folded(table.name)].append(table)
    pairs: dict[tuple[Key, Key], Table] = {}
    for table in tables:
        *start, last = words(table.name) or (table.name,)
        names = {_folded("".join((*start, form))) for form in singulars(last)} | {_folded(table.name)}
        for other in (other for name in names for other in by_name.get((table.schema, name), ())):
            first, second = sorted((table, other), key=lambda t: t.key)
            pairs[first.key, second.key] = second
    found: dict[Key, list[Table]] = defaultdict(list)
    for (first_key, second_key), second in sorted(pairs.items(), key=lambda pair: pair[0]):
        if first_key != second_key:
            found[first_key].append(second)
    return found


def _flaw(kind: str, one: str, two: str, discriminator: str, rows: tuple[float, float] | None) -> Flaw:
    return Flaw(
        title=fitting(f"{one} and {two} differ by almost nothing"),
        related=(Subject(kind=kind, name=one), Subject(kind=kind, name=two)),
        evidence=(
            Evidence(name="one name", value=one, probe=_probe(kind)),
            Evidence(name="the other", value=two, probe=_probe(kind)),
            *(
                Evidence(name=f"rows of {name}", value=round(number), unit="rows", probe="tables|collections")
                for name, number in zip((one, two), rows or (), strict=False)
            ),
        ),
        explanation=f"Whoever means {one} and types {two} gets no error.",
        recommendation="Find out which one is in use; drop the other, or give it a name that says the difference.",
        operations=(
            ChangeApplication(
                topic="lookalike-names", subject=one,
                instruction=f"Find out which of {one} and {two} is in use; drop or rename the other.",
            ),
        ),
        discriminator=f"{discriminator} {two}",
    )  # fmt: skip


def _probe(kind: str) -> str:
    return "columns" if kind == "column" else "tables|collections"


def _field(table: Table, one: Column, two: Column) -> Flaw:
    """The verdict on two fields: some documents have the one, some the other, and the rarer is renamed."""
    common, rare = sorted((one, two), key=lambda column: (-_documents(column), column.name))
    both = _documents(common) + _documents(rare) > (common.shape.of if common.shape is not None else 0)
    path, kept = table.column_path(rare.name), table.column_path(common.name)
    return Flaw(
        subject=Subject(kind="field", name=path),
        title=fitting(f"{path} and {kept} differ by almost nothing"),
        severity=Severity.MEDIUM,
        related=(Subject(kind="field", name=kept),),
        evidence=(
            Evidence(name=f"documents with {rare.name}", value=_documents(rare), unit="documents", probe="fields"),
            Evidence(name=f"documents with {common.name}", value=_documents(common), unit="documents", probe="fields"),
        ),
        explanation=f"{_documents(common):,} sampled documents of {table.path} have {common.name}, "
        f"{_documents(rare):,} have {rare.name}: whoever asks for one of them misses the others.",
        recommendation=f"Let all documents have {common.name}.",
        operations=()
        if both
        else (RenameColumn(schema=table.schema, table=table.name, column=rare.name, to=common.name),),
    )


def _documents(column: Column) -> int:
    return column.shape.documents if column.shape is not None else 0
