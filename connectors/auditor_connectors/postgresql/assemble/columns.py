"""From rows to columns with what the planner knows of their values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from auditor.model.catalog import Column, Key
from auditor.model.statistics import ColumnStatistics
from auditor_connectors.postgresql.assemble.addresses import Addresses
from auditor_connectors.postgresql.probe import Raw

_IDENTITY: Mapping[str, Any] = {"a": "always", "d": "by-default"}
_GENERATED: Mapping[str, Any] = {"s": "stored", "v": "virtual"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}
_NO_SHAPE = "other"

Place = tuple[int, int]
"""A column: the number of its table and its position."""


Columns = Mapping[int, tuple[Column, ...]]
"""The columns of each table, in their order, by the number of the table."""


def columns(raw: Raw, addresses: Addresses) -> Columns:
    """Return the columns of all tables."""
    known = statistics(raw)
    sequences = _feeding_sequences(raw)
    type_facts = addresses.types.facts
    found: dict[int, list[Column]] = defaultdict(list)
    for row in raw.get("columns", ()):
        place = (row.relation, row.position)
        facts = type_facts(row.type_oid, row.modifier)
        found[row.relation].append(
            Column(
                name=row.name,
                position=row.position,
                type=row.type,
                family=facts.family,
                bits=facts.bits,
                length=facts.length,
                precision=facts.precision,
                scale=facts.scale,
                base_type=facts.base_type,
                nullable=not row.required,
                default=row.default,
                identity=_IDENTITY.get(row.identity),
                generated=_GENERATED.get(row.generated),
                sequence=sequences.get(place),
                collation=row.collation,
                compression=_COMPRESSION.get(row.compression),
                statistics_target=row.statistics_target,
                comment=row.comment,
                statistics=known.get(place),
            )
        )
    return {relation: tuple(of_table) for relation, of_table in found.items()}


def _feeding_sequences(raw: Raw) -> dict[Place, Key]:
    """The sequence that feeds each column, by the catalog's dependencies; the first by name where there are several."""
    found: dict[Place, Key] = {}
    for row in sorted(raw.get("sequences", ()), key=lambda row: (row.schema, row.name)):
        key = (row.schema, row.name)
        for relation, position in row.fed or ():
            found.setdefault((relation, position), key)
        if row.identity:
            found[row.owner, row.owner_column] = key
    return found


def statistics(raw: Raw) -> dict[Place, ColumnStatistics]:
    """Return what the planner knows of each column; of a table with children, what it knows of the table alone.

    A partitioned table has nothing of its own: there it is what is known of all partitions together.
    """
    looked_at = {
        (row.relation, row.position, row.inherited): row
        for row in raw.get("column-statistics", ())
        if row.null_fraction is None
    }
    found: dict[Place, ColumnStatistics] = {}
    for row in raw.get("column-statistics", ()):
        place, distinct = (row.relation, row.position), row.distinct
        if row.null_fraction is None or (row.inherited and place in found):
            continue
        values = looked_at.get((row.relation, row.position, row.inherited))
        counts: dict[str, int] = (values.shapes if values is not None else None) or {}
        sampled = sum(counts.values())
        found[place] = ColumnStatistics(
            null_fraction=row.null_fraction,
            distinct=distinct if distinct > 0 else None,
            distinct_ratio=-distinct if distinct < 0 else None,
            average_width=row.average_width,
            correlation=row.correlation,
            top_frequency=row.top_frequency,
            sampled_values=sampled,
            shapes={name: number / sampled for name, number in sorted(counts.items()) if name != _NO_SHAPE},
            range_used=None if values is None else values.range_used,
        )
    return found
