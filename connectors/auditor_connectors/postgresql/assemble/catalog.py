"""From the rows of the catalog probes to the catalog."""

from __future__ import annotations

from auditor.model.catalog import Catalog
from auditor_connectors.postgresql.assemble.addresses import Addresses
from auditor_connectors.postgresql.assemble.columns import columns
from auditor_connectors.postgresql.assemble.indexes import constraints, index_shapes, indexes
from auditor_connectors.postgresql.assemble.objects import (
    enums,
    extended_statistics,
    extensions,
    policies,
    routines,
    rules,
    schemas,
    sequences,
    triggers,
    views,
)
from auditor_connectors.postgresql.assemble.tables import tables
from auditor_connectors.postgresql.probe import Raw


def catalog(raw: Raw, version: int) -> Catalog:
    """Return all objects of the database, each kind sorted by address."""
    addresses = Addresses(raw)
    # The many come first, each as soon as its rows are there.
    of_tables = columns(raw, addresses)
    all_sequences = sequences(raw, addresses)
    shapes = index_shapes(raw, addresses)
    all_constraints = constraints(raw, addresses)
    all_indexes = indexes(raw, addresses, shapes)
    return Catalog(
        tables=tables(raw, addresses, of_tables, version),
        schemas=schemas(raw),
        indexes=all_indexes,
        constraints=all_constraints,
        sequences=all_sequences,
        views=views(raw),
        routines=routines(raw),
        triggers=triggers(raw, addresses),
        rules=rules(raw),
        policies=policies(raw, addresses),
        enums=enums(raw),
        extensions=extensions(raw),
        extended_statistics=extended_statistics(raw, addresses),
    )
