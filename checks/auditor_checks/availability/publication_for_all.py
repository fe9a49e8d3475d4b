"""A publication publishes every table, whatever it is.

## What
Publications FOR ALL TABLES.

## Why it matters
New tables, scratch tables and logs are published without anybody deciding it, and an UPDATE or DELETE on a table
without a replica identity starts to fail the moment it is created.

## When it is fine
The publication serves a full copy, such as a major upgrade by logical replication.

## How to fix it
List the tables, or the schemas (15 and newer), that subscribers are meant to have.

## Sources
PostgreSQL manual, CREATE PUBLICATION; "Logical Replication: Publication".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.server import Publication
from auditor.model.units import PUBLICATIONS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Publication publishes every table",
    passed="Publications list their tables",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.LOW,
    unit=PUBLICATIONS,
    needs=("publications",),
)


def judge(publication: Publication, facts: Facts) -> Iterator[Flaw]:
    """Report a publication of all tables."""
    if not publication.all_tables:
        return
    yield Flaw(
        title=fitting(f"Publication {publication.name} publishes every table"),
        evidence=(
            Evidence(name="tables published", value=len(facts.tables), unit="tables", probe="tables"),
            Evidence(name="operations", value=", ".join(publication.operations), probe="publications"),
        ),
        explanation=f"{publication.name} publishes all {len(facts.tables)} tables, and each one made from now on.",
        recommendation="List the tables or schemas that subscribers are meant to have.",
        operations=(
            ChangeApplication(
                topic="publication", subject=publication.name,
                instruction="Replace FOR ALL TABLES by the list of tables that subscribers need.",
            ),
        ),
    )  # fmt: skip
