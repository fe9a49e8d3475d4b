"""Prepares what a plan is rehearsed on: an empty database, the schema in it, and rows in the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict

from auditor.connector import CollectOptions, RehearsalOptions
from auditor.errors import UsageError
from auditor.model.plan import Plan
from auditor.model.snapshot import Snapshot
from auditor.target import Target
from auditor_connectors.postgresql.collect import collect
from auditor_connectors.postgresql.embedded import Server
from auditor_connectors.postgresql.rehearsal.filling import bytes_wanted, fill
from auditor_connectors.postgresql.rehearsal.ground import Tell, conninfo, ground
from auditor_connectors.postgresql.rehearsal.rebuilding import copy_schema, make_roles, rebuild
from auditor_connectors.postgresql.rehearsal.schema import Building, build_invalid_indexes


class Prepared(NamedTuple):
    """A filled database: its connection string, how many rows it has, and which share of the real ones that is.

    ``left_out`` says what of the schema is not as it was, and which tables got no or few rows. ``snapshot`` is what
    the database was made from. ``server`` is the server if it was started for the rehearsal; ``alone`` says why it may
    have no standby, and is empty where it may have one.
    """

    url: str
    rows: int
    scale: float
    left_out: tuple[str, ...]
    snapshot: Snapshot
    server: Server | None
    alone: str

    @property
    def database(self) -> str:
        """The name of the database."""
        return str(conninfo_to_dict(self.url)["dbname"])


@contextmanager
def prepared(options: RehearsalOptions, tell: Tell, plan: Plan | None = None) -> Iterator[Prepared]:
    """Make a database to rehearse in; leaving the context empties it, or ends its server.

    The rows are such that the rules hold that ``plan`` is to add.

    Raises:
        UsageError: there is no schema, the database that is named may not be used, or there is no room.
        UnreachableError: one of the servers cannot be reached.

    """
    source = options.schema
    if source is None:
        raise UsageError("there is no schema to rehearse on", "give a snapshot, or the URL of the audited database")
    if isinstance(source, Target):
        tell("reading the schema and its statistics")
        snapshot = collect(source, CollectOptions())
    else:
        snapshot = source
    with ground(options.on, source, snapshot, tell, bytes_wanted(snapshot, options.rows)) as found:
        url = found.url
        tell("building the schema")
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
            told = [*_versions(connection.info.server_version, snapshot)]
            told += _build(connection, url, source, snapshot, alone=options.on is None)
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
            filled = fill(
                connection, snapshot, options.rows, options.seed, tell=tell, operations=plan.operations if plan else ()
            )
        left_out = (*told, *filled.left_out)
        yield Prepared(url, filled.rows, filled.scale, left_out, snapshot, found.server, found.alone)


def _build(
    connection: psycopg.Connection[tuple[object, ...]],
    url: str,
    source: Target | Snapshot,
    snapshot: Snapshot,
    *,
    alone: bool,
) -> tuple[str, ...]:
    if not isinstance(source, Target):
        return rebuild(snapshot, connection, alone=alone)
    if alone:
        make_roles(snapshot, connection)
    told = copy_schema(conninfo(source), url, with_access=alone)
    building = Building(connection, snapshot)
    build_invalid_indexes(building)
    return (*told, *building.told())


def _versions(here: int, snapshot: Snapshot) -> Iterator[str]:
    there = snapshot.server.version_number
    if there and there // 10000 != here // 10000:
        yield f"the rehearsal ran on version {here // 10000}, the audited server has version {snapshot.target.version}"
