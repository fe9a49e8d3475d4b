"""The ground that a plan is rehearsed on: a server started for the purpose, or a database that its owner gave up to it.

A database that is named is written to and emptied afterwards. So it has to say itself that it is disposable, it has to
be empty, and its server must not be the one that was audited.
"""

# ruff: noqa: S608 -- SQL is what this file writes; every name in it is quoted

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, pq
from psycopg.conninfo import make_conninfo

from auditor.connector import CollectOptions
from auditor.errors import UsageError
from auditor.model.facts import moment
from auditor.model.snapshot import Snapshot
from auditor.target import Target
from auditor_connectors.postgresql.conninfo import parameters, unreachable
from auditor_connectors.postgresql.embedded import Server, find_binaries
from auditor_connectors.postgresql.recipes.sql import IDENTIFIER_BYTES, ident, literal, qualified
from auditor_connectors.postgresql.rehearsal.sessions import NAME, Connection

Tell = Callable[[str], None]

MARK = "auditor.disposable"
"""The setting by which a database says that everything in it may be lost."""

_THERE_ALREADY = frozenset({"postgres", "template0", "template1"})

LEAST_FREE = 256 << 20
"""Bytes of disk that must stay free whatever the plan needs."""

_COPIES = 4
"""How often the rows are written while a plan is rehearsed: filled, rewritten by a step, logged, and indexed."""

_EMPTY_SERVER = 64 << 20
"""Bytes of a server without rows: those of a template, and its first segments of the log."""

NAMED = "the database was named, and a standby of its server is not looked for: the server does not tell where it is"
NO_LOG = "the audited server writes no log that a standby could follow (wal_level = minimal)"

_SETTINGS = (
    "deadlock_timeout",
    "default_transaction_isolation",
    "default_transaction_deferrable",
    "max_locks_per_transaction",
    "max_prepared_transactions",
    "vacuum_truncate",
    "wal_level",
)
"""What of the audited server's settings a server that is started for the purpose gets: what steps depend on."""

_SAME_START_SECONDS = 2.0
"""A snapshot keeps whole seconds."""

_WHO = """
SELECT (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS identifier,
       pg_catalog.pg_postmaster_start_time() AS started
"""
_STARTED = "SELECT NULL AS identifier, pg_catalog.pg_postmaster_start_time() AS started"

_MARKED = """
SELECT COALESCE(bool_or(lower(split_part(entry, '=', 2)) IN ('yes', 'on', 'true', '1')), false)
  FROM pg_catalog.pg_db_role_setting s
  JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase AND d.datname = current_database()
 CROSS JOIN unnest(s.setconfig) AS entry
 WHERE s.setrole = 0 AND split_part(entry, '=', 1) = %s
"""

CLAIM = "auditor_rehearsal"
"""The schema that a rehearsal makes in a database that is named; its comment lists what the database held before."""

_OWN = f"left(n.nspname, 3) <> 'pg_' AND n.nspname NOT IN ('information_schema', '{CLAIM}')"
_MEMBER = """EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = '{catalog}'::regclass AND e.objid = {oid}
   AND e.deptype IN ('e', 'i'))"""
_OBJECTS = f"""
SELECT n.nspname::text, c.relname::text, c.relkind::text FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE {_OWN} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT c.relispartition
   AND NOT {_MEMBER.format(catalog="pg_class", oid="c.oid")}
 UNION ALL
SELECT n.nspname::text, p.oid::regprocedure::text, CASE p.prokind WHEN 'a' THEN 'aggregate' ELSE 'routine' END
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
 WHERE {_OWN} AND NOT {_MEMBER.format(catalog="pg_proc", oid="p.oid")}
 UNION ALL
SELECT n.nspname::text, t.typname::text, 'type' FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
 WHERE {_OWN} AND t.typelem = 0 AND t.typtype IN ('c', 'd', 'e', 'r') AND COALESCE(c.relkind = 'c', true)
   AND NOT {_MEMBER.format(catalog="pg_type", oid="t.oid")}
 ORDER BY 1, 2
"""
_OUTSIDE = f"""
SELECT 'EVENT TRIGGER', evtname::text FROM pg_catalog.pg_event_trigger x
 WHERE NOT {_MEMBER.format(catalog="pg_event_trigger", oid="x.oid")}
 UNION ALL
SELECT 'PUBLICATION', pubname::text FROM pg_catalog.pg_publication
 UNION ALL
SELECT 'SERVER', srvname::text FROM pg_catalog.pg_foreign_server x
 WHERE NOT {_MEMBER.format(catalog="pg_foreign_server", oid="x.oid")}
 UNION ALL
SELECT 'FOREIGN DATA WRAPPER', fdwname::text FROM pg_catalog.pg_foreign_data_wrapper x
 WHERE NOT {_MEMBER.format(catalog="pg_foreign_data_wrapper", oid="x.oid")}
 ORDER BY 1, 2
"""
_FRAME = f"""
SELECT 'EXTENSION', extname::text FROM pg_catalog.pg_extension
 UNION ALL
SELECT 'SCHEMA', n.nspname::text FROM pg_catalog.pg_namespace n WHERE {_OWN}
"""
_END_LOST = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name = %s AND pid <> pg_backend_pid()
"""
_DROPS = {
    "r": "TABLE", "p": "TABLE", "v": "VIEW", "m": "MATERIALIZED VIEW", "f": "FOREIGN TABLE", "S": "SEQUENCE",
    "type": "TYPE",
}  # fmt: skip


class Ground(NamedTuple):
    """An empty database, as a connection string, and its server if that was started for it.

    ``alone`` says why the server may have no standby; it is empty where it may have one.
    """

    url: str
    server: Server | None
    alone: str


@contextmanager
def ground(
    on: Target | None, source: Target | Snapshot, snapshot: Snapshot, tell: Tell, bytes_needed: int
) -> Iterator[Ground]:
    """Give an empty database to rehearse in; it is empty again, or gone, afterwards.

    ``source`` is where the schema comes from, ``snapshot`` what was read there. ``bytes_needed`` is what the rows will
    take.

    Raises:
        UsageError: the database may not be used, or there is no server and no room for one.
        UnreachableError: the database cannot be reached.

    """
    if on is None:
        with _started(snapshot, tell, bytes_needed) as found:
            yield found
        return
    url = conninfo(on)
    with _connected(on, url) as claiming:  # its lock lasts as long as it does
        _check(claiming, on, source, snapshot, tell)
        if (folder := _local_folder(claiming)) is not None:
            _check_disk(folder, bytes_needed)
        kept = claim(claiming)
        try:
            yield Ground(url, None, NAMED)
        finally:
            tell("emptying the database")
            with _connected(on, url) as connection:
                empty(connection, kept)


def conninfo(target: Target) -> str:
    """Return the client library's connection string for a target."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    return make_conninfo("", **{**parameters(target, CollectOptions(), known), "application_name": NAME})


def _connected(target: Target, url: str) -> Connection:
    try:
        return psycopg.connect(url, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise unreachable(target, str(error)) from None


# --- a server for the purpose ------------------------------------------------------------------------------------


@contextmanager
def _started(snapshot: Snapshot, tell: Tell, bytes_needed: int) -> Iterator[Ground]:
    binaries = find_binaries()
    folder = Path(tempfile.gettempdir())
    _check_disk(folder, bytes_needed)
    tell(f"starting PostgreSQL {binaries.version}")
    settings = settings_for(snapshot)
    with Server(binaries, settings) as server:
        # Steps call the database by its name.
        name = snapshot.target.name
        if name in _THERE_ALREADY or len(name.encode()) > IDENTIFIER_BYTES or not name.isprintable():
            name = "rehearsal"
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {ident(name)}".encode())
        alone = NO_LOG if settings.get("wal_level") == "minimal" else _no_room_for_two(folder, bytes_needed)
        yield Ground(server.url(name), server, alone)


def settings_for(snapshot: Snapshot) -> Mapping[str, str]:
    """Return the settings of the audited server that steps depend on, as a configuration file takes them."""
    found = {one.name: one.value + (one.unit or "") for one in snapshot.server.settings if one.name in _SETTINGS}
    installed = {one.name for one in snapshot.catalog.extensions if one.installed is not None}
    if "pg_stat_statements" in installed:
        found["shared_preload_libraries"] = "pg_stat_statements"
    if found.get("wal_level") == "minimal":
        found["max_wal_senders"] = "0"  # a server that allows any does not start with that level
    return found


# --- a database that is named ------------------------------------------------------------------------------------


def _check(connection: Connection, on: Target, source: Target | Snapshot, snapshot: Snapshot, tell: Tell) -> None:
    """Refuse what may not be rehearsed in; what a rehearsal has left that was killed is dropped."""
    name = connection.info.dbname
    if is_audited_server(connection, source, snapshot):
        raise UsageError(
            f"{on.masked} is on the audited server", "rehearse on another server, or leave it out to have one started"
        )
    if _value(connection, "SELECT pg_catalog.pg_is_in_recovery()"):
        raise UsageError(f"{on.masked} is a standby", "rehearse on a server that takes writes")
    if not _value(connection, _MARKED, (MARK,)):
        raise UsageError(
            f"the database {name} is not marked as disposable; a rehearsal writes to it and empties it",
            f"if nothing in it matters: ALTER DATABASE {ident(name)} SET {MARK} = 'yes'",
        )
    if not _value(connection, f"SELECT pg_catalog.pg_try_advisory_lock(hashtext('{CLAIM}'))"):
        raise UsageError(f"another rehearsal is at work in the database {name}", "wait until it has ended")
    clear_leftovers(connection, tell)
    held = [".".join((schema, what)) if kind in _DROPS else what for schema, what, kind in _objects(connection)]
    held += [what for _, what in _pairs(connection, _OUTSIDE)]
    if held:
        more = f" and {len(held) - 3} more" if len(held) > 3 else ""
        raise UsageError(f"the database {name} is not empty: it holds {', '.join(held[:3])}{more}", "make an empty one")
    _check_rights(connection, name)


def _check_rights(connection: Connection, name: str) -> None:
    if not _value(connection, "SELECT has_database_privilege(current_database(), 'CREATE')"):
        raise UsageError(f"the role may create nothing in {name}", "use the owner of the database, or a superuser")
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SET LOCAL session_replication_role = replica")
    except errors.InsufficientPrivilege:
        raise UsageError(
            "the role may not fill tables without their triggers",
            "use a superuser, or GRANT SET ON PARAMETER session_replication_role TO the role (from version 15 on)",
        ) from None


def is_audited_server(connection: Connection, source: Target | Snapshot, snapshot: Snapshot) -> bool:
    """Whether the server is the one that was audited.

    A clone has the identifier of what it was cloned from. Two servers that are both at hand are told apart by the
    moments of their starts; beside a snapshot the same identifier means the same server, which may have been restarted.
    """
    identifier, started = _who(connection)
    if isinstance(source, Target):
        with _connected(source, conninfo(source)) as there:
            known, since = _who(there)
        return (known is None or identifier is None or known == identifier) and since == started
    known, since = snapshot.server.system_identifier, moment(snapshot.server.started_at)
    if known is not None and identifier is not None:
        return known == identifier
    return since is not None and abs((since - started).total_seconds()) < _SAME_START_SECONDS


def _who(connection: Connection) -> tuple[str | None, Any]:
    """The identifier of the server, None where it is not told, and the moment of its start."""
    for query in (_WHO, _STARTED):
        with suppress(errors.InsufficientPrivilege):
            identifier, started = connection.execute(query.encode()).fetchone() or (None, None)
            return identifier, started
    raise UsageError("the server does not tell when it was started", "rehearse on another one")


def _objects(connection: Connection) -> list[tuple[str, str, str]]:
    return [(schema, name, kind) for schema, name, kind in connection.execute(_OBJECTS.encode())]


def _pairs(connection: Connection, query: str) -> list[tuple[str, str]]:
    return [(kind, name) for kind, name in connection.execute(query.encode())]


def frame(connection: Connection) -> frozenset[tuple[str, str]]:
    """The schemas and extensions of a database: they may be there before a rehearsal, and stay."""
    return frozenset(_pairs(connection, _FRAME))


def empty(connection: Connection, kept: frozenset[tuple[str, str]]) -> None:
    """Drop every object of a database that held none before, one by one: each takes locks until its drop is done."""
    connection.execute("SET client_min_messages = error")
    for kind, name in _pairs(connection, _OUTSIDE):
        connection.execute(f"DROP {kind} IF EXISTS {ident(name)} CASCADE".encode())
    for schema, name, kind in _objects(connection):
        # Routines are named with their schema and arguments, as the server writes them.
        what = f"{_DROPS[kind]} IF EXISTS {qualified((schema, name))}" if kind in _DROPS else f"{kind} IF EXISTS {name}"
        connection.execute(f"DROP {what} CASCADE".encode())
    for kind, name in sorted(frame(connection) - kept):  # extensions before the schemas that they are in
        connection.execute(f"DROP {kind} IF EXISTS {ident(name)} CASCADE".encode())
    connection.execute(f"DROP SCHEMA IF EXISTS {CLAIM} CASCADE".encode())


def claim(connection: Connection) -> frozenset[tuple[str, str]]:
    """Write into an empty database what it holds, before anything is made in it, and return that."""
    kept = frame(connection)
    with connection.transaction():
        connection.execute(f"CREATE SCHEMA {CLAIM}".encode())
        connection.execute(f"COMMENT ON SCHEMA {CLAIM} IS {literal(json.dumps(sorted(kept)))}".encode())
    return kept


def clear_leftovers(connection: Connection, tell: Tell) -> None:
    """Empty a database that a rehearsal claimed and could not empty itself: it held nothing else when that began.

    No rehearsal may be at work in it. Sessions that have lost their program are ended.
    """
    kept = _value(connection, f"SELECT obj_description(to_regnamespace('{CLAIM}'), 'pg_namespace')")
    if kept is None:
        return
    tell("clearing what an interrupted rehearsal has left")
    connection.execute(_END_LOST.encode(), (NAME,))
    empty(connection, frozenset((kind, name) for kind, name in json.loads(kept)))


def _value(connection: Connection, query: str, values: tuple[object, ...] = ()) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return None if row is None else row[0]


# --- room --------------------------------------------------------------------------------------------------------


def _local_folder(connection: Connection) -> Path | None:
    """The data directory, if the server is on this machine and tells it; the room of another one cannot be known."""
    address = connection.info.hostaddr
    if address and address not in ("127.0.0.1", "::1"):
        return None
    with suppress(psycopg.Error, OSError):
        folder = Path(_value(connection, "SHOW data_directory"))
        return folder if folder.is_dir() else None
    return None


def _no_room_for_two(folder: Path, bytes_needed: int) -> str:
    """Why the disk has no room for a standby as well; empty if it has."""
    free, needed = shutil.disk_usage(folder).free, LEAST_FREE + 2 * (_EMPTY_SERVER + _COPIES * bytes_needed)
    if free >= needed:
        return ""
    return f"with a standby the rehearsal needs {needed >> 20} MB of disk, and {folder} has {free >> 20} MB"


def _check_disk(folder: Path, bytes_needed: int) -> None:
    free, needed = shutil.disk_usage(folder).free, LEAST_FREE + _COPIES * bytes_needed
    if free < needed:
        raise UsageError(
            f"a rehearsal needs {needed >> 20} MB of disk, and {folder} has {free >> 20} MB",
            "rehearse with fewer rows, or set TMPDIR to a larger disk",
        )
