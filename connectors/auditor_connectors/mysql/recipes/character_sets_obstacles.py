"""What keeps a table from taking another character set as it is: people decide what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.model.catalog import Index, Table
from auditor.model.facts import Facts
from auditor_connectors.mysql.recipes.sql import bare_index, bytes_of, set_of

INDEX_BYTES = 3072
"""The most that an index may hold of a row: manual, "InnoDB Limits". MariaDB would cut it, or hash it, in silence."""

OLD_PART_BYTES = 767
"""The most of one column in the row formats COMPACT and REDUNDANT: the same page."""

ROW_BYTES = 65535
"""The most that all columns of a row may take by their types, without TEXT and BLOB: manual, "Row Size Limits"."""

_OTHER_BYTES = 8
"""What a column of another type takes at most beside texts: a number or a moment."""


def obstacles(facts: Facts, table: Table, collations: Mapping[str, str]) -> Iterator[str]:
    """Name what has to be decided first. ``collations`` are those to come, by column."""
    generated = [column.name for column in table.columns if column.generated and column.name in collations]
    if generated:
        yield (
            f"{', '.join(generated)} of {table.path} is computed: write it anew with its expression by MODIFY COLUMN, "
            "in the same statement as the columns that it is computed from. The audit does not keep expressions."
        )
    for index in facts.indexes_of(table.key):
        if index.method == "btree" and set(index.columns) & collations.keys():
            yield from _too_long(table, index, collations)
    size = sum(_row_bytes(table, column.name, collations) for column in table.columns)
    if size > ROW_BYTES:
        yield (
            f"A row of {table.path} could take {size:,} bytes, where {ROW_BYTES:,} is the most: shorten a VARCHAR, or "
            "make it a TEXT, first."
        )


def _too_long(table: Table, index: Index, collations: Mapping[str, str]) -> Iterator[str]:
    widths = [_key_bytes(table, part.column, part.length, collations) for part in index.parts]
    old = table.options.get("row_format") in ("compact", "redundant")
    if sum(widths) > INDEX_BYTES or (old and max(widths) > OLD_PART_BYTES):
        most = OLD_PART_BYTES if old and max(widths) > OLD_PART_BYTES else INDEX_BYTES
        yield (
            f"{bare_index(table.name, index.name)} of {table.path} would hold {max(widths) if old else sum(widths):,} "
            f"bytes, where {most:,} is the most: let it hold fewer characters, or shorten the column, first."
        )


def _key_bytes(table: Table, name: str | None, length: int | None, collations: Mapping[str, str]) -> int:
    column = table.column(name) if name is not None else None
    if column is None or column.collation is None:
        return (column.bits or 0) // 8 if column is not None else 0
    return (length or column.length or 0) * bytes_of(set_of(collations.get(column.name, column.collation)))


def _row_bytes(table: Table, name: str, collations: Mapping[str, str]) -> int:
    column = table.column(name)
    if column is None or (column.generated == "virtual"):
        return 0
    if column.collation is None or column.length is None:
        return min(column.length or (column.bits or 0) // 8 or _OTHER_BYTES, ROW_BYTES)
    return column.length * bytes_of(set_of(collations.get(column.name, column.collation)))
