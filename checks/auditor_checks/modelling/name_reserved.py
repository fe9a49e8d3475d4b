"""A name is a word that SQL has reserved.

## What
Tables and columns named by a word that the server reserves, such as order, group, key. One finding for each schema.
The words are those of PostgreSQL, and of MySQL and MariaDB in the versions that the sources name.

## Why it matters
Without quotation marks the statement is refused, or means something else: SELECT user FROM t returns the role that is
logged in, without an error. Tools that generate SQL by hand stumble over it one after the other.

## When it is fine
Everything goes through an object-relational mapper that always quotes.

## How to fix it
Take another word for new objects; rename the old ones with a change that touches them anyway.

## Sources
PostgreSQL manual, appendix C, "SQL Key Words": those that are reserved; "System Information Functions": user. MySQL
manual, "Keywords and Reserved Words"; MariaDB documentation, "Reserved Words".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Schema
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting
from auditor_checks.modelling import _reserved

CHECK = Check(
    title="Names are words that SQL has reserved",
    passed="No name is a reserved word",
    pillar=Pillar.MODELLING,
    severity=Severity.INFO,
    unit=SCHEMAS,
    needs=("schemas", "tables", "columns"),
    engines=("postgresql", "mysql", "mariadb"),
)
SILENT = frozenset(
    "current_catalog current_date current_role current_time current_timestamp current_user localtime"
    " localtimestamp session_user user".split()
)
"""Words that mean a value of their own: as a column's name without quotes they return it, without an error."""
RESERVED = SILENT | frozenset(
    "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default"
    " deferrable desc distinct do else end except false fetch for foreign from grant group having in initially"
    " intersect into lateral leading limit not null offset on only or order placing primary references returning"
    " select some symmetric table then to trailing true union unique using variadic when where window with".split()
)
"""Reserved on every version from 14 to 18 (pg_get_keywords, category R)."""
_OF_ENGINES = {
    "postgresql": (RESERVED, SILENT),
    "mysql": (_reserved.MYSQL, _reserved.SILENT),
    "mariadb": (_reserved.MARIADB, _reserved.SILENT),
}
SHOWN = 6


def judge(schema: Schema, facts: Facts) -> Iterator[Flaw]:
    """Gather the reserved names of the schema."""
    reserved, silent_words = _OF_ENGINES[facts.target.engine]
    folded = str.lower if facts.capabilities.columns_fold else str
    tables = facts.tables_in(schema.name)
    columns = [(table.column_path(column.name), column.name) for table in tables for column in table.columns]
    found = [(table.path, table.name, False) for table in tables if folded(table.name) in reserved]
    found += [(path, name, folded(name) in silent_words) for path, name in columns if folded(name) in reserved]
    if not found:
        return
    silent = [path for path, _, misleads in found if misleads]
    shown = ", ".join(path for path, _, _ in found[:SHOWN]) + (" …" if len(found) > SHOWN else "")
    yield Flaw(
        title=fitting(f"{counted(len(found), 'reserved word')} among the names of schema {schema.name}"),
        severity=Severity.LOW if silent else Severity.INFO,
        related=tuple(
            Subject(kind="table" if path.count(".") == 1 else "column", name=path) for path, _, _ in found[:SHOWN]
        ),
        evidence=(
            Evidence(name="reserved names", value=len(found), unit="names", probe="columns"),
            Evidence(name="such names", value=shown, probe="columns"),
            Evidence(name="columns that return something else", value=len(silent), unit="columns", probe="columns"),
        ),
        explanation=(
            f"{shown} need quotation marks."
            + (f" Without them, {silent[0]} returns what the server knows by that word." if silent else "")
        ),
        recommendation="Take other words for new objects, and rename these when a change touches them.",
    )
