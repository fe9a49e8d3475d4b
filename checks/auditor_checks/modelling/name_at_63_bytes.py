"""A name was cut off.

## What
Tables, columns, indexes and constraints whose names are exactly as long as the server lets them be: 63 bytes. Names
that the server or a tool makes up, with an ending of their own or a hash, are left out. One finding for each schema.

## Why it matters
A longer name is cut without an error. Two names that differ after the cut are the same; a migration that looks for the
full name does not find it, or makes the object again.

## When it is fine
The name really is that long.

## How to fix it
Rename it to something shorter (a lock of a moment), and let the migration tool check the length.

## Sources
PostgreSQL manual, "Lexical Structure: Identifiers and Key Words": at most NAMEDATALEN-1 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Schema
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Names were cut off",
    passed="No name is as long as it may be",
    pillar=Pillar.MODELLING,
    severity=Severity.INFO,
    confidence=Confidence.LIKELY,
    unit=SCHEMAS,
    needs=("schemas", "tables", "columns", "indexes", "constraints"),
    engines=("postgresql",),
)
LONGEST = 63
SHOWN = 4
_MADE_UP = re.compile(
    r"_(idx|key|pkey|fkey|excl|check|seq|not_null)\d*$"  # the server shortens the rest and keeps the ending
    r"|_(uniq|fk|pk|uk|ix)$|[0-9a-f]{8}(_\w+)?$|~\d*$"
)


def judge(schema: Schema, facts: Facts) -> Iterator[Flaw]:
    """Gather the names of the schema that fill all the bytes there are."""
    tables = facts.tables_in(schema.name)
    named = [("table", table.path, table.name) for table in tables]
    named += [("column", table.column_path(c.name), c.name) for table in tables for c in table.columns]
    for table in tables:
        named += [("index", i.path, i.name) for i in facts.indexes_of(table.key) if i.constraint is None]
        named += [("constraint", c.path, c.name) for c in facts.constraints_of(table.key)]
    cut = [(kind, path) for kind, path, name in named if _is_cut(name)]
    if not cut:
        return
    yield Flaw(
        title=fitting(f"{schema.name} has {counted(len(cut), 'name')} of all {LONGEST} bytes that a name can have"),
        related=tuple(Subject(kind=kind, name=path) for kind, path in cut[:SHOWN]),
        evidence=(
            Evidence(name="names of the greatest length", value=len(cut), unit="names", probe="tables"),
            Evidence(name="such names", value=", ".join(path for _, path in cut[:SHOWN]), probe="tables"),
        ),
        explanation="Names of exactly the greatest length were most likely longer when somebody wrote them.",
        recommendation="Give them shorter names, and let the migration tool check the length.",
    )


def _is_cut(name: str) -> bool:
    return len(name.encode()) == LONGEST and _MADE_UP.search(name) is None
