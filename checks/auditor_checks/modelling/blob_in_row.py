"""Large binary objects are stored in table rows.

## What
Binary columns whose values are larger than a page on average, in tables of some size; of more than two kilobytes where
they come to a gigabyte. Where an engine does not tell the width of values, those are judged that are the only column
without a limit in their table: they hold what the others cannot. In documents also texts that are base64, and single
values of a hundred kilobytes and more. The chunks of GridFS are left out.

## Why it matters
They dominate backups, replication and the cache, and every restore waits for them, although files have cheaper homes.

## When it is fine
Small binaries (hashes, keys, thumbnails), or where the transaction must cover the file.

## How to fix it
Store the object outside and its key, size and checksum in the row; move existing ones in the background.

## Sources
PostgreSQL manual, "TOAST"; R. Sears et al., "To BLOB or Not To BLOB" (2006): below 256 KB databases do well, above 1
MB file systems.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.statistics import ColumnStatistics
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._gridfs import is_chunks
from auditor_checks._hidden import hidden_statistics
from auditor_checks._words import fitting

CHECK = Check(
    title="Large binary objects are stored in rows",
    passed="No large binary objects are stored in rows",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLUMNS,
    needs=("tables|collections", "columns|fields", "column-statistics|sizes|fields"),
)

POINTER = 18
MOSTLY = 0.9


def judge(
    item: TableColumn,
    facts: Facts,
    *,
    width: float = 8_192,
    min_bytes: float = 10e6,
    total_width: float = 2_000,
    total_bytes: float = 1e9,
    large_bytes: float = 50e9,
    alone: float = 100_000,
) -> Iterator[Verdict]:
    """Estimate what the column holds from its average width and the rows."""
    documents = item.table.kind == "collection"
    if not _holds_objects(item.column) or is_chunks(item.table):
        return
    rows, average = facts.rows(item.table), 0
    if not documents and "column-statistics" not in facts.probes:
        estimate = _by_the_table(item, rows)
        if estimate is None:
            if (item.table.heap_bytes or 0) >= min_bytes:
                yield Unknown(reason=f"which columns of {item.table.path} hold most of its bytes is not known")
            return
        held, place = (
            estimate,
            Evidence(name="bytes of the table's rows", value=item.table.heap_bytes, unit="bytes", probe="sizes"),
        )
    elif item.column.statistics is None:
        if not item.table.statistics_visible:
            yield hidden_statistics(item.table, facts)
        return
    else:
        held, outside = _by_statistics(item, item.column.statistics, rows, facts, total_width)
        average = item.column.statistics.average_width or 0
        place = (
            Evidence(name="average width", value=average, unit="bytes", probe="fields")
            if documents
            else Evidence(name="stored out of line", value=outside, unit="bytes", probe="sizes")
        )
    large = held >= total_bytes
    small = held < min(min_bytes, total_bytes) or (rows and held / rows < (total_width if large else width))
    if small and not (documents and average >= alone):
        return
    yield Flaw(
        title=fitting(f"{item.column.name} holds about {size(held)} of binary objects"),
        severity=Severity.MEDIUM if held >= large_bytes else Severity.LOW,
        evidence=(
            place,
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables|collection-sizes"),
            Evidence(
                name="size of the database", value=facts.total_bytes, unit="bytes", probe="sizes|collection-sizes"
            ),
        ),
        impact=Impact(bytes=held),
        explanation=f"{item.path} holds about {size(held)}, which every backup and replica carries.",
        recommendation="Store the objects outside, and their key, size and checksum in the row.",
        operations=(
            ChangeApplication(
                topic="binary-objects",
                subject=item.path,
                instruction="Write new objects to an object store, then move the old ones in the background.",
            ),
        ),
    )


def _by_statistics(
    item: TableColumn, statistics: ColumnStatistics, rows: float, facts: Facts, total_width: float
) -> tuple[int, int]:
    """What the column holds by its average width, and what of the table is stored out of line.

    For values stored out of line the average width is that of their pointer (18 bytes), so what they hold is taken from
    the table's own sizes.
    """
    average = statistics.average_width or 0
    pointers = POINTER <= average <= POINTER + 1 or average >= total_width
    outside = sum(leaf.toast_bytes or 0 for leaf in facts.leaves(item.table)) if pointers else 0
    return max(int(average * rows * (1 - statistics.null_fraction)), outside), outside


def _by_the_table(item: TableColumn, rows: float) -> int | None:
    """What a column holds at least: all of the table that the others cannot. None where one of these has no limit."""
    if item.column.length is not None:
        return 0
    others = [column for column in item.table.columns if column is not item.column]
    if any(_most(column) is None for column in others):
        return None
    return max(0, (item.table.heap_bytes or 0) - int(rows * sum(_most(column) or 0 for column in others)))


def _most(column: Column) -> int | None:
    """The most bytes that a value takes; None where there is no limit."""
    if column.family in ("text", "char", "binary"):
        return None if column.length is None else 4 * column.length
    return None if column.family in ("json", "geometric", "vector") else 64


def _holds_objects(column: Column) -> bool:
    """Whether it is binary, or text that spells out binary values."""
    shapes = column.statistics.shapes if column.statistics is not None else {}
    return column.family == "binary" or (column.family == "text" and shapes.get("base64", 0.0) >= MOSTLY)
