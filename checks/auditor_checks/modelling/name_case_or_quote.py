"""Some names of a schema have to be quoted.

## What
Tables and columns whose names hold capitals, blanks or other signs that need quotation marks, in a schema where most
names do without. One finding for each schema.

## Why it matters
Without the marks the server folds the name to small letters and does not find the object. Every script, every tool and
every person has to know which names of the schema are so.

## When it is fine
The whole schema follows a convention with capitals, as Prisma or Entity Framework make it: then nothing is reported.
The tables of known migration tools are left out.

## How to fix it
Rename the object in a migration, and leave a view of the old name until nothing asks for it any more.

## Sources
PostgreSQL manual, "Lexical Structure: Identifiers and Key Words".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Schema, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._names import words
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Some names of a schema have to be quoted",
    passed="Names follow one convention",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=SCHEMAS,
    needs=("schemas", "tables", "columns"),
    engines=("postgresql",),
)
_PLAIN = re.compile(r"[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*")
_CAMEL = re.compile(r"[A-Za-z][A-Za-z0-9]*")
TOOLS = {"sequelizemeta", "sequelizedata", "__efmigrationshistory"}
SHOWN = 6


def judge(schema: Schema, facts: Facts, *, share: float = 0.25, names: float = 4) -> Iterator[Flaw]:
    """Compare the names that need quotes with the convention of the schema."""
    tables = [t for t in facts.tables_in(schema.name) if not _made_by_tool(t)]
    odd = [
        *_odd([(t.path, t.name) for t in tables], share, names),
        *_odd([(t.column_path(c.name), c.name) for t in tables for c in t.columns], share, names),
    ]
    if not odd:
        return
    shown = ", ".join(odd[:SHOWN]) + (" …" if len(odd) > SHOWN else "")
    yield Flaw(
        title=fitting(
            f"{counted(len(odd), 'name')} of schema {schema.name} {'has' if len(odd) == 1 else 'have'} to be quoted"
        ),
        related=tuple(Subject(kind="table" if path.count(".") == 1 else "column", name=path) for path in odd[:SHOWN]),
        evidence=(
            Evidence(name="names that need quotes", value=len(odd), unit="names", probe="columns"),
            Evidence(name="such names", value=shown, probe="columns"),
            Evidence(name="tables of the schema", value=len(tables), unit="tables", probe="tables"),
        ),
        explanation=f"Unlike the other names of the schema, these need quotation marks: {shown}.",
        recommendation="Rename them with the next change, and leave a view of the old name for a while.",
        operations=(
            ChangeApplication(
                topic="quoted-names",
                subject=schema.name,
                instruction=f"Rename what has to be quoted in {schema.name}: {shown}.",
            ),
        ),
    )


def _made_by_tool(table: Table) -> bool:
    """Whether a migration tool made the table, or Prisma for a relation of many to many."""
    columns = {column.name for column in table.columns}
    return table.name.lower() in TOOLS or (table.name.startswith("_") and columns == {"A", "B"})


def _odd(named: list[tuple[str, str]], share: float, least: float) -> list[str]:
    """The paths of names that need quotes: capitals where they are the exception, other signs always.

    A convention shows in names of several words only: "id" is the same in all of them.
    """
    quoted = [(path, name) for path, name in named if not _PLAIN.fullmatch(name)]
    capitals = [(path, name) for path, name in quoted if _CAMEL.fullmatch(name.replace("_", ""))]
    several = [name for _, name in named if len(words(name)) > 1]
    exceptional = [path for path, name in capitals if len(words(name)) > 1 or name[0].isupper()]
    plain = sum(1 for name in several if _PLAIN.fullmatch(name))
    signs = [path for path, _ in quoted if path not in {p for p, _ in capitals}]
    if plain < least or len(exceptional) > share * (plain + len(exceptional)):
        exceptional = []
    return sorted({*signs, *exceptional})
