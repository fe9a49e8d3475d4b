"""Tables refer to each other in a circle.

## What
Groups of tables whose foreign keys lead back to where they started. Each group is reported once, at its first table
by name. A table that refers to itself, such as a tree, is not a circle.

## Why it matters
There is no order in which the tables can be loaded, restored row by row, cleared or moved to another system:
something must be inserted with a gap and completed later. If every reference of the circle is mandatory and checked
at once, not even the first row can be stored by ordinary statements.

## When it is fine
One reference of the circle is optional or checked at the end of the transaction, and loading uses that: a customer
with a default address, a team with a captain. Graded low.

## How to fix it
Let one reference of the circle be checked at the end of the transaction (deferrable) or be optional, and write down
the order of loading.

## Sources
PostgreSQL manual, CREATE TABLE, DEFERRABLE; SET CONSTRAINTS; pg_dump, --disable-triggers, on circular references.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.catalog import Constraint, Key, dotted
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._references import components, distinct_references, edges

Group = Sequence[Key]


def groups(facts: Facts) -> list[tuple[Key, ...]]:
    """The groups of tables that refer to each other, tables outside of any circle alone."""
    return components(edges(distinct_references(facts), facts))


CHECK = Check(
    title="Tables refer to each other in a circle",
    passed="References between tables run in no circle",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=Unit(
        plural="groups of connected tables", items=groups,
        subject=lambda group: Subject(kind="table", name=dotted(*group[0])),
        weight=lambda facts, group: max(facts.exposure(facts.table(key)) for key in group),
    ),
    needs=("tables", "columns", "constraints"),
)  # fmt: skip


def judge(group: Group, facts: Facts) -> Iterator[Flaw]:
    """Report a group of two tables or more."""
    if len(group) < 2:
        return
    legs = _legs(set(group), facts)
    loose = [key for key in legs if key.deferrable or _optional(key, facts)]
    strict_circle = any(len(rest) > 1 for rest in components(edges((key for key in legs if key not in loose), facts)))
    names = [dotted(*table) for table in group]
    yield Flaw(
        severity=Severity.MEDIUM if strict_circle else Severity.LOW,
        related=(
            *(Subject(kind="table", name=name) for name in names[1:]),
            *(Subject(kind="constraint", name=key.path) for key in sorted(legs, key=lambda key: key.path)),
        ),
        evidence=(
            Evidence(name="tables in the circle", value=len(group), unit="tables", probe="constraints"),
            Evidence(name="references among them", value=len(legs), unit="constraints", probe="constraints"),
            Evidence(name="optional or deferrable ones", value=len(loose), unit="constraints", probe="constraints"),
        ),
        impact=Impact(risk="no order of loading, restoring or clearing"),
        explanation=f"{', '.join(names)} refer to each other through {', '.join(sorted(key.name for key in legs))}. "
        + (
            "All references of a circle are mandatory and checked at once: plain inserts cannot store a first row."
            if strict_circle
            else f"{', '.join(sorted(key.name for key in loose))} can wait, so that rows can be loaded in two steps."
        ),
        recommendation="Make one reference of the circle deferrable, or optional where the engine checks each at once, "
        "and write down the order of loading."
        if strict_circle
        else "Write down the order of loading: first without the optional reference, then complete it.",
        operations=(
            ChangeApplication(
                topic="reference-cycle", subject=names[0],
                instruction=f"Load {', '.join(names)} in two steps, the optional or deferrable reference last.",
            ),
        ),
    )  # fmt: skip


def _legs(members: set[Key], facts: Facts) -> list[Constraint]:
    """The references of the group's tables, or of their partitions, to each other."""
    graph = edges((key for table in sorted(members) for key in facts.referencing(table)), facts)
    return [key for table in sorted(members) for child, key in graph.get(table, ()) if child in members]


def _optional(key: Constraint, facts: Facts) -> bool:
    table = facts.table(key.table_key)
    return table is not None and any((c := table.column(name)) is not None and c.nullable for name in key.columns)
