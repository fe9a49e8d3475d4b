"""Deleting one row deletes a great many, or searches for them by scanning.

## What
Tables at the top of a chain of ON DELETE CASCADE, where deleting one average row takes at least ten thousand others
along, or makes the engine scan tables again and again because a reference further down the chain has no index. The
averages come from the row counts of the tables on the way.

## Why it matters
A delete that looks harmless becomes one long transaction: it holds locks on everything that it touches, writes the
log and stalls replicas for minutes, and cannot be stopped half way. Without an index below the first level the work
multiplies.

## When it is fine
Deleting a whole tenant is meant to take everything along, is rare, and is done in a quiet hour. Where no row of the
table was deleted since the counters began the finding is graded lower.

## How to fix it
Index the references on the way. Delete bottom up in batches before deleting the row itself, or mark it deleted and
let a job clear it; where nobody should ever delete so much, let the reference refuse.

## Sources
PostgreSQL manual, "Foreign Keys" (5.5.5): CASCADE, and the advice to index the referencing columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from auditor.model.catalog import Constraint, Key, Table, dotted
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddIndex, AnyOperation, ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._references import Graph, components, distinct_references, edges, is_served


class Cascade(NamedTuple):
    """The table where a chain begins, with all the cascading references of the database."""

    table: Table
    graph: Graph


class Reach(NamedTuple):
    """What deleting one average row touches: rows by table, rows scanned in vain, the way to most, unserved keys."""

    touched: Mapping[Key, float]
    scanned: float
    path: Sequence[Key]
    unserved: Sequence[Constraint]


def tops(facts: Facts) -> list[Cascade]:
    """The tables that cascading deletes start from; of a circle with nothing above it, the first by name."""
    graph = edges((k for k in distinct_references(facts) if k.on_delete == "cascade" and k.enforced), facts)
    group_of = {member: group for group in components(graph) for member in group}
    below = {
        group_of[child] for parent, out in graph.items() for child, _ in out if group_of[child] != group_of[parent]
    }  # fmt: skip
    starts = [group[0] for group in sorted(set(group_of.values()) - below)]
    return [Cascade(table, graph) for key in starts if (table := facts.table(key)) is not None]


CHECK = Check(
    title="Deleting one row cascades to very many",
    passed="No delete cascades to very many rows",
    pillar=Pillar.INTEGRITY,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=Unit(
        plural="tables that deletes cascade from", items=tops,
        subject=lambda top: Subject(kind="table", name=top.table.path),
        weight=lambda facts, top: facts.exposure(top.table),
    ),
    needs=("tables", "constraints", "indexes"),
)  # fmt: skip


def judge(top: Cascade, facts: Facts, *, many: float = 10_000, very_many: float = 100_000) -> Iterator[Flaw]:
    """Report the table when one delete touches ``many`` rows, or scans a thousand times as many in vain."""
    reach = _reach(top, facts)
    touched = sum(reach.touched.values()) - 1
    if touched < many and reach.scanned < 1_000 * many:
        return
    usages = facts.told_usages(top.table)
    deleted = sum(usage.deleted for usage in usages) if usages else None
    severe = touched >= very_many or reach.scanned >= 1_000 * very_many
    severity = Severity.HIGH if severe else Severity.MEDIUM
    if deleted == 0:
        severity = Severity.MEDIUM if severe else Severity.LOW
    way = " → ".join(f"{dotted(*key)} ({facts.rows(facts.table(key)):,.0f} rows)" for key in reach.path)
    yield Flaw(
        severity=severity,
        related=(
            *(Subject(kind="table", name=dotted(*key)) for key in reach.touched if key != top.table.key),
            *(Subject(kind="constraint", name=key.path) for key in reach.unserved),
        ),
        evidence=(
            Evidence(name="rows that one delete takes along", value=round(touched), unit="rows", probe="tables"),
            Evidence(name="rows scanned for want of an index", value=round(reach.scanned), unit="rows", probe="tables"),
            Evidence(name="tables reached", value=len(reach.touched) - 1, unit="tables", probe="constraints"),
            Evidence(name="the way to the most rows", value=way, probe="constraints"),
            Evidence(name="rows deleted from the top table", value=deleted, unit="rows", probe="table-usage"),
        ),
        impact=Impact(rows=round(touched), risk="one long transaction with locks on every table that it reaches"),
        explanation=f"Deleting one average row of {top.table.path} deletes {touched:,.0f} rows in "
        f"{len(reach.touched) - 1} table(s): {way}."
        + (f" {len(reach.unserved)} reference(s) on the way have no index." if reach.unserved else ""),
        recommendation="Index the references on the way, and delete bottom up in batches before the row itself.",
        operations=_operations(top.table, reach),
    )  # fmt: skip


def _reach(top: Cascade, facts: Facts) -> Reach:
    """Follow the cascades breadth first, multiplying the average number of referring rows."""
    touched: dict[Key, float] = {top.table.key: 1.0}
    above: dict[Key, Key] = {}
    unserved, scanned = [], 0.0
    waiting = [top.table.key]
    for parent in waiting:
        for address, key in top.graph.get(parent, ()):
            child = facts.table(address)
            if child is None or child.key == top.table.key:
                continue
            rows = facts.rows(child)
            arriving = touched[parent] * rows / max(facts.rows(facts.table(parent)), 1.0)
            if not is_served(key, facts):
                unserved.append(key)
                scanned += touched[parent] * rows if parent != top.table.key else 0.0
            if child.key not in touched:
                above[child.key] = parent
                waiting.append(child.key)
            touched[child.key] = min(rows, touched.get(child.key, 0.0) + arriving)
    most = max(touched, key=lambda key: (touched[key], key))
    path = [most]
    while path[-1] in above:
        path.append(above[path[-1]])
    return Reach(touched, scanned, path[::-1], unserved)


def _operations(table: Table, reach: Reach) -> tuple[AnyOperation, ...]:
    return (
        *(AddIndex(schema=key.schema, table=key.table, columns=key.columns) for key in reach.unserved),
        ChangeApplication(
            topic="delete-in-batches", subject=table.path,
            instruction=f"Before a row of {table.path} is deleted, delete what refers to it bottom up in batches of "
            "some thousand rows, each in a transaction of its own.",
        ),
    )  # fmt: skip
