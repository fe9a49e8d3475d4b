"""Looking things up in a catalog that was read, and roles that look."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from auditor.model.catalog import Catalog, Column, Constraint, Index, Sequence, Table
from auditor.model.snapshot import ProbeResult, Snapshot
from tests.collecting import role
from tests.servers import Database


def version_of(database: Database) -> int:
    with database.connect() as connection:
        return connection.info.server_version


def probe(snapshot: Snapshot, name: str) -> ProbeResult:
    return next(result for result in snapshot.probes if result.probe == name)


def table(found: Catalog, name: str, schema: str = "shop") -> Table:
    return next(table for table in found.tables if table.key == (schema, name))


def column(found: Catalog, name: str, of: str = "customer") -> Column:
    result = table(found, of).column(name)
    assert result is not None
    return result


def index(found: Catalog, name: str) -> Index:
    return next(index for index in found.indexes if index.name == name)


def constraint(found: Catalog, name: str) -> Constraint:
    return next(constraint for constraint in found.constraints if constraint.name == name)


def sequence(found: Catalog, name: str) -> Sequence:
    return next(sequence for sequence in found.sequences if sequence.name == name)


@contextlib.contextmanager
def guest(database: Database, *grants: str) -> Iterator[str]:
    """A role whose rights in the database are taken back before it is dropped."""
    with role(database.server, *grants) as name:
        try:
            yield name
        finally:
            database.run(f"DROP OWNED BY {name}")
