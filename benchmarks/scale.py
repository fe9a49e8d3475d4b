"""How the time to plan, and to write a plan down, grows with its operations.

    make bench-scale                          1,000, 10,000 and 50,000 operations over many tables, 5,000 on one table
    python -m benchmarks.scale 1000 5000      other numbers

The operations are of the five kinds that audits propose most, ten on each table of ten columns, or all on one table of
a thousand columns. A report is rendered and exported of the plan of every number up to 10,000. Seconds of one run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from auditor.exporting.writing import export
from auditor.model import operation as op
from auditor.model.catalog import Catalog, Column, Index, IndexPart, Table
from auditor.model.facts import Facts
from auditor.model.plan import Plan
from auditor.model.server import Server
from auditor.model.snapshot import Snapshot, TargetInfo
from auditor.pipeline import Selection, audit_snapshot
from auditor.planning import make_plan
from auditor.rendering import render
from auditor_connectors.postgresql import connector
from auditor_connectors.postgresql.recipes import RECIPES
from benchmarks.results import circumstances, write_section

OPERATIONS = (1_000, 10_000, 50_000)
ON_ONE_TABLE = (1_000, 5_000)
EXPORTS = ("sql", "alembic", "flyway", "liquibase", "pgroll")
WRITTEN = 10_000
"""Plans of more operations are not written down: no reader is served by such a page."""

COLUMNS, WIDE = 10, 1_000
"""Columns of each of many tables, and of the one: a table of PostgreSQL holds at most 1,600."""


def main(numbers: Sequence[int]) -> None:
    """Measure, and write the section."""
    lines = [
        f"| operations | tables | steps | plan | html | md | json | {' | '.join(EXPORTS)} |",
        "| --- |" + " --- |" * (6 + len(EXPORTS)),
    ]
    sizes = [(number, COLUMNS) for number in numbers or OPERATIONS]
    for number, columns in [*sizes, *((number, WIDE) for number in (() if numbers else ON_ONE_TABLE))]:
        snapshot, operations = made_up(number, columns)
        started = time.perf_counter()
        plan = make_plan(Facts(snapshot), operations, [], RECIPES)
        seconds = time.perf_counter() - started
        cells = [f"{number:,}", f"{len(snapshot.catalog.tables):,}", f"{len(plan.steps):,}", f"{seconds:.1f} s"]
        cells += _written(snapshot, plan) if number <= WRITTEN else ["-"] * (3 + len(EXPORTS))
        lines.append(f"| {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    write_section("Plans of many operations", [circumstances("one run each"), "", *lines])


def made_up(number: int, columns: int) -> tuple[Snapshot, list[op.AnyOperation]]:
    """Make up a catalog, and so many operations on it: as many on each table as it has columns, or all on one."""
    each = number if columns == WIDE else columns
    tables = [
        Table(
            schema="shop",
            name=f"t{table}",
            columns=tuple(
                Column(name=f"c{place}", position=place, type="integer", family="integer", bits=32)
                for place in range(1, columns + 1)
            ),
            rows=1e6,
            bytes=200 << 20,
            heap_bytes=100 << 20,
        )
        for table in range(number // each)
    ]
    indexes: list[Index] = []
    operations: list[op.AnyOperation] = []
    for table in tables:
        for place in range(each):
            index = _index(table.name, f"{table.name}_{place}", f"c{1 + place % columns}")
            indexes.append(index)
            operations.append(_operation(table.name, index.name, place, columns))
    target = TargetInfo(engine="postgresql", version="18", name="shop", collected_at="2026-01-15T12:00:00Z")
    catalog = Catalog(tables=tuple(tables), indexes=tuple(indexes))
    server = Server(version_number=180_000)
    return Snapshot(tool_version="0", target=target, catalog=catalog, server=server), operations


def _index(table: str, name: str, column: str) -> Index:
    definition = f"CREATE INDEX {name} ON shop.{table} USING btree ({column})"
    return Index(schema="shop", table=table, name=name, parts=(IndexPart(column=column),), definition=definition)


def _operation(table: str, index: str, place: int, columns: int) -> op.AnyOperation:
    on = {"schema": "shop", "table": table}
    column, turn = f"c{1 + place % columns}", place // columns
    match place % 5:
        case 0:
            return op.AddIndex(**on, columns=(column, f"c{1 + (place + turn + 1) % columns}"))
        case 1:
            return op.DropIndex(**on, name=index)
        case 2:
            return op.SetNotNull(**on, column=column)
        case 3:
            return op.AddCheck(**on, name=f"check_{place}", expression=f"{column} > {turn}")
        case _:
            return op.RebuildIndex(**on, name=index)


def _written(snapshot: Snapshot, plan: Plan) -> list[str]:
    audit = replace(audit_snapshot(snapshot, Selection(only=("version-eol",))), plan=plan)
    works: list[Callable[[], object]] = [partial(render, audit, form) for form in ("html", "md", "json")]
    works += [partial(export, audit, connector, form) for form in EXPORTS]
    return [f"{_seconds(work):.1f} s" for work in works]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]])
