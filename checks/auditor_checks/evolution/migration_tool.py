"""Which migration tool runs the schema's changes, if any can be seen.

## What
The tables that migration tools leave behind: Alembic, Django, Flyway, Liquibase, Prisma, TypeORM, Entity Framework,
Rails, golang-migrate, Knex, Sequelize, goose, dbmate, Diesel, Ecto, Laravel, Phinx, node-pg-migrate, pgroll. None at
all in a schema of some size is a flaw; several are reported too.

## Why it matters
Without a tool nobody can tell which changes a database has had, and environments drift apart. Two tools over one
schema disagree sooner or later. The plan of this report is meant to be carried out by the tool in use.

## When it is fine
The schema is managed declaratively from outside (Atlas, Terraform, a vendor's installer) and leaves no trace.

## How to fix it
Adopt one tool and take the present schema as its baseline.

## Sources
The documentation of each tool names its table: alembic_version, django_migrations, flyway_schema_history,
databasechangelog, _prisma_migrations, __EFMigrationsHistory, schema_migrations.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._bookkeeping import tool_of

CHECK = Check(
    title="No migration tool manages the schema",
    passed="A migration tool manages the schema",
    pillar=Pillar.EVOLUTION,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=DATABASE,
    needs=("tables", "columns"),
)


def judge(_database: Facts, facts: Facts, *, tables: float = 15) -> Iterator[Flaw]:
    """Look for the tables of migration tools."""
    found: dict[str, Table] = {}
    for table in facts.tables:
        tool = tool_of(table)
        if tool is not None and not (tool.startswith("Rails, ") and "Rails" in found):
            found[tool] = table
    if "Rails" in found:
        found.pop("Rails, golang-migrate or dbmate", None)
    if len(found) == 1 or (not found and len(facts.tables) < tables):
        return
    names = ", ".join(sorted(found))
    yield Flaw(
        title=f"{len(found)} migration tools share the database" if found else CHECK.title,
        confidence=Confidence.LIKELY if found else Confidence.POSSIBLE,
        related=tuple(Subject(kind="table", name=table.path) for table in found.values()),
        evidence=(
            Evidence(name="migration tools seen", value=names or "none", probe="tables"),
            Evidence(name="tables", value=len(facts.tables), unit="tables", probe="tables"),
        ),
        explanation=(
            f"{names} left their tables here; where they change the same objects they will disagree."
            if found
            else f"None of the known migration tools left its table among {len(facts.tables)} tables."
        ),
        recommendation="Let one tool own each schema." if found else "Adopt a tool, starting from this schema.",
        operations=(
            ChangeApplication(
                topic="migration-tool", subject=facts.target.name,
                instruction="Let one migration tool own each schema, starting from the present state.",
            ),
        ),
    )  # fmt: skip
