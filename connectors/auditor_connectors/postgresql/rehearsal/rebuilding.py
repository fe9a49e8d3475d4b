"""Makes the schema that a rehearsal needs in an empty database: from a snapshot, or as a copy of a live database."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from auditor.errors import UsageError
from auditor.model.snapshot import Snapshot
from auditor.target import scrub
from auditor_connectors.postgresql.embedded import find_binaries
from auditor_connectors.postgresql.recipes.sql import ident, literal
from auditor_connectors.postgresql.rehearsal import schema, standins
from auditor_connectors.postgresql.rehearsal.schema import Building
from auditor_connectors.postgresql.rehearsal.sessions import Connection

_LOCK_WAIT = "5s"
"""How long pg_dump waits for a table that somebody has locked; everybody behind it would wait as well."""

_SECONDS = 600
_FAILED = re.compile(r"^psql:[^\n]*?:\d+: (?:ERROR|FATAL): +(.*)$", re.MULTILINE)
_NOT_OURS = re.compile(r"unrecognized configuration parameter|schema \"public\" already exists")


def rebuild(snapshot: Snapshot, connection: Connection, *, alone: bool) -> tuple[str, ...]:
    """Build the schema of a snapshot, and return what is not as it was.

    ``alone``: the server is there for the rehearsal only, so that roles may be made on it.
    """
    connection.execute("SET client_min_messages = error")
    connection.execute("SET search_path = pg_catalog")
    connection.execute("SET check_function_bodies = off")
    building = Building(connection, snapshot)
    if alone:
        standins.build_roles(building)
    _schemas(building)
    _extensions(building)
    standins.build_types(building)
    schema.build_sequences(building)
    standins.build_routines(building)
    schema.build_tables(building)
    schema.own_sequences(building)
    standins.build_materialized_views(building)
    schema.build_keys(building)
    schema.build_indexes(building)
    schema.build_references(building)
    schema.build_statistics(building)
    standins.build_views(building)
    standins.build_triggers(building)
    standins.build_rules(building)
    standins.build_policies(building)
    if alone:
        standins.build_access(building)
    return building.told()


def make_roles(snapshot: Snapshot, connection: Connection) -> None:
    """Make the roles that objects may belong to, on a server that is there for the rehearsal only."""
    standins.build_roles(Building(connection, snapshot))


def _schemas(building: Building) -> None:
    for one in building.catalog.schemas:
        if one.extension is None:
            building.attempt(f"CREATE SCHEMA IF NOT EXISTS {ident(one.name)}", f"the schema {one.name}")


def _extensions(building: Building) -> None:
    for one in building.catalog.extensions:
        if one.installed is not None and one.name != "plpgsql":
            where = f" SCHEMA {ident(one.schema)}" if one.schema is not None else ""
            what = f"the extension {one.name}"
            text = f"CREATE EXTENSION IF NOT EXISTS {ident(one.name)}{where}"
            version = f" VERSION {literal(one.installed)}"
            # An old version may no longer be on offer; the offered one has the same types.
            told = len(building.left_out)
            if not building.attempt(text + version, what) and building.attempt(text, what):
                building.left_out[told:] = [f"{what}: version {one.installed} is not available, another one is used"]
            del building.left_out[told + 1 :]


# --- a copy ------------------------------------------------------------------------------------------------------


def copy_schema(source: str, destination: str, *, with_access: bool) -> tuple[str, ...]:
    """Copy the schema of a live database with ``pg_dump`` and ``psql``; both are given as connection strings.

    The tables of the source are locked as a query would lock them, and not for long. What the destination does not
    take (an extension that it lacks, for instance) is returned. ``with_access``: with owners and privileges.

    Raises:
        UsageError: the programs are not installed or too old, or the source may not be read.

    """
    options = ["--schema-only", "--no-subscriptions", f"--lock-wait-timeout={_LOCK_WAIT}"]
    options += [] if with_access else ["--no-owner", "--no-privileges"]
    dumped = _run("pg_dump", source, *options)
    if dumped.returncode:
        raise UsageError(
            f"pg_dump cannot read the schema: {_last_line(dumped.stderr)}",
            "rehearse with a snapshot instead, which needs no more than the audit did",
        )
    loaded = _run("psql", destination, "-X", "-q", "-f", "-", text=dumped.stdout)
    failed = [one for one in _FAILED.findall(loaded.stderr) if not _NOT_OURS.search(one)]
    if loaded.returncode and not failed:
        raise UsageError(f"psql cannot load the schema: {_last_line(loaded.stderr)}")
    return tuple(dict.fromkeys(failed))


def _last_line(text: str) -> str:
    lines = scrub(text).strip().splitlines()
    return lines[-1] if lines else "no reason was given"


def _run(name: str, connection: str, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a client program. A command line can be read by everybody on the machine, so that passwords go around it."""
    program, environment = _program(name)
    parameters = {key: str(value) for key, value in conninfo_to_dict(connection).items() if value is not None}
    password = parameters.pop("password", None)
    secret = {} if password is None else {"PGPASSWORD": password}
    try:
        return subprocess.run(  # noqa: S603 -- the program was found below
            [program, *arguments, "-d", make_conninfo("", **parameters)],
            env={**os.environ, **environment, **secret, "PGCLIENTENCODING": "UTF8"}, input=text or "", text=True,
            capture_output=True, errors="replace", check=False, timeout=_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UsageError(f"{name} did not end within {_SECONDS} s") from None


def _program(name: str) -> tuple[str, Mapping[str, str]]:
    with suppress(UsageError):
        binaries = find_binaries()
        path = binaries.program(name)
        if os.access(path, os.X_OK):
            return path, {key: value for key, value in binaries.environment.items() if key != "PATH"}
    found = shutil.which(name)
    if found is None:
        raise UsageError(f"{name} is not installed", "install the client programs of PostgreSQL")
    return found, {}
