"""Recipes for the server as a whole: extensions, collations, versions, pooling, stuck transactions."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Index, Key
from auditor.model.facts import Facts
from auditor.model.operation import (
    CreateExtension,
    EnableChecksums,
    EndSession,
    IntroducePooler,
    MoveExtension,
    RefreshCollation,
    ResolvePreparedTransaction,
    UpdateExtension,
)
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.queries import usable
from auditor_connectors.postgresql.recipes.settings import restart_once, setting_value
from auditor_connectors.postgresql.recipes.sql import ident, literal, qualified
from auditor_connectors.postgresql.recipes.steps import (
    ACCESS_EXCLUSIVE,
    ROW_EXCLUSIVE,
    SHORT_TIMEOUTS,
    brief,
    online,
    runbook,
    undo,
)

PRELOAD = "shared_preload_libraries"


# --- extensions --------------------------------------------------------------------------------------------------


# Others queue behind the locks of an extension's script, which itself may take a while.
_TIMEOUTS = (SHORT_TIMEOUTS[0], "SET LOCAL statement_timeout = '60s'")


def create_extension(operation: CreateExtension, facts: Facts) -> Iterator[Draft]:
    """Preload the library where it must be, at the one restart, then create the extension's objects."""
    name = operation.name
    loaded = [one.strip() for one in (facts.setting(PRELOAD) or "").split(",") if one.strip()]
    if operation.preload and name not in loaded:
        wanted = ", ".join(dict.fromkeys((*loaded, *sorted({name, *operation.together}))))
        before = f"ALTER SYSTEM SET {PRELOAD} = {setting_value(PRELOAD, ', '.join(loaded))}"
        yield runbook(
            Phase.PREPARE,
            f"Preload {wanted}",
            f"ALTER SYSTEM SET {PRELOAD} = {setting_value(PRELOAD, wanted)}",
            verify=f"SELECT EXISTS (SELECT FROM pg_file_settings WHERE name = '{PRELOAD}')",
            rollback=(before if loaded else f"ALTER SYSTEM RESET {PRELOAD}",),
            notes=("A name in this list whose library is not installed keeps the server from starting: check first.",),
            seconds=0.0,
            basis="written to a file",
            once="preload",
        )
        yield restart_once(facts)
    yield runbook(
        Phase.PREPARE,
        f"Create the extension {name}",
        *_TIMEOUTS,
        f"CREATE EXTENSION IF NOT EXISTS {ident(name)}",
        transactional=True,
        verify=f"SELECT EXISTS (SELECT FROM pg_extension WHERE extname = {literal(name)})",
        rollback=undo((f"DROP EXTENSION IF EXISTS {ident(name)}",)),
        notes=() if operation.preload else ("Its package must be installed on the server and on every replica.",),
        seconds=1.0,
        basis="creates a few functions",
        once=f"extension {name}",
    )


def update_extension(operation: UpdateExtension, facts: Facts) -> Iterator[Draft]:
    """Run the extension's own update scripts."""
    yield runbook(
        Phase.PREPARE,
        f"Update the extension {operation.name} from {operation.from_version} to {operation.to_version}",
        *_TIMEOUTS,
        f"ALTER EXTENSION {ident(operation.name)} UPDATE TO {literal(operation.to_version)}",
        transactional=True,
        verify=_extension_is(operation.name, f"extversion = {literal(operation.to_version)}"),
        reversible=False,
        notes=(
            (
                "Most extensions have no way back: read the release notes, and try it on a copy. Views over its "
                "functions may have to be recreated."
            ),
        ),
        seconds=1.0,
        basis="replaces a few functions",
    )


def move_extension(operation: MoveExtension, facts: Facts) -> Iterator[Draft]:
    """Move its objects; what finds them by search_path must have the new schema on it."""
    yield application(
        Phase.PREPARE,
        f"Put the schema {operation.to_schema} on the search_path of whatever uses {operation.name}",
        f"Roles, functions and pools that name a search_path of their own need {operation.to_schema} on it, too; "
        "indexes, views and defaults refer to the objects themselves and do not notice.",
    )
    schemas = {schema.name for schema in facts.catalog.schemas}
    # Measured on 14 to 18: tables and views that belong to it are locked against readers; functions and types are not.
    members = {one.extension for one in facts.catalog.tables} | {one.extension for one in facts.catalog.views}
    yield brief(
        facts,
        Phase.SWITCH,
        f"Move the extension {operation.name} from {operation.from_schema} to {operation.to_schema}",
        *((f"CREATE SCHEMA {ident(operation.to_schema)}",) if operation.to_schema not in schemas else ()),
        f"GRANT USAGE ON SCHEMA {ident(operation.to_schema)} TO PUBLIC",
        f"ALTER EXTENSION {ident(operation.name)} SET SCHEMA {ident(operation.to_schema)}",
        lock=ACCESS_EXCLUSIVE if operation.name in members else ROW_EXCLUSIVE,
        verify=_extension_is(operation.name, f"extnamespace = {literal(ident(operation.to_schema))}::regnamespace"),
        rollback=(f"ALTER EXTENSION {ident(operation.name)} SET SCHEMA {ident(operation.from_schema)}",),
        notes=("Recycle connections afterwards: prepared statements and cached plans look objects up anew.",),
    )


def _extension_is(name: str, condition: str) -> str:
    return f"SELECT EXISTS (SELECT FROM pg_extension WHERE extname = {literal(name)} AND {condition})"


# --- collations --------------------------------------------------------------------------------------------------


def refresh_collation(operation: RefreshCollation, facts: Facts) -> Iterator[Draft]:
    """Rebuild what is sorted by the changed rules, unique indexes first, then record the new version."""
    indexes = [index for key in operation.indexes if (index := facts.index(key)) is not None]
    if operation.name is None and not indexes:
        indexes = [index for index in facts.indexes if _sorts_text(facts, index)]
    name = operation.name if operation.name is not None else "the database's default"
    for index in sorted(indexes, key=lambda one: (not one.unique, one.path)):
        bytes_now = facts.index_bytes(index)
        size = estimates.Estimate(bytes_now, "the index's present size" if bytes_now is not None else "")
        yield online(
            Phase.PREPARE,
            f"Rebuild the index {index.path} by the collation's present rules",
            *(f"REINDEX INDEX CONCURRENTLY {qualified(part)}" for part in _rebuildable(facts, index)),
            takes=estimates.index_build(facts, facts.table(index.table_key), size),
            disk=size,
            verify=usable(index.key),
            notes=("If it fails on duplicates, the old index let them in: find and mend them first.",)
            if index.unique
            else (),
        )
    if operation.schema is not None and operation.name is not None:
        statement = f"ALTER COLLATION {qualified((operation.schema, operation.name))} REFRESH VERSION"
        verify = (
            "SELECT EXISTS (SELECT FROM pg_collation WHERE collversion IS NOT DISTINCT FROM "
            f"pg_collation_actual_version(oid) AND collname = {literal(operation.name)} "
            f"AND collnamespace = {literal(ident(operation.schema))}::regnamespace)"
        )
    else:
        database = operation.database or (facts.database.name if facts.database is not None else facts.target.name)
        statement = f"ALTER DATABASE {ident(database)} REFRESH COLLATION VERSION"
        verify = (
            "SELECT datcollversion IS NOT DISTINCT FROM pg_database_collation_actual_version(oid) FROM pg_database "
            f"WHERE datname = {literal(database)}"
        )
    yield runbook(
        Phase.PREPARE,
        f"Record the present version of the collation: {name}",
        statement,
        transactional=True,
        verify=verify,
        notes=("Only now: it silences the warning. Range partitions and checks over text need a look of their own.",),
        seconds=0.0,
        basis="a change of the catalog",
    )


def _rebuildable(facts: Facts, index: Index) -> list[Key]:
    return [part.key for part in facts.index_parts(index)]


def _sorts_text(facts: Facts, index: Index) -> bool:
    table = facts.table(index.table_key)
    if table is None or index.method != "btree":
        return False
    columns = (table.column(part.column) for part in index.parts if part.column is not None)
    return index.is_expression or any(column is not None and column.family in ("text", "char") for column in columns)


# --- checksums ---------------------------------------------------------------------------------------------------


def enable_checksums(operation: EnableChecksums, facts: Facts) -> Iterator[Draft]:
    """Switch them on where the server is stopped anyway: on the replica first, then on the old primary."""
    size, replica = facts.total_bytes, bool(facts.server.replicas)
    rate = estimates.calibration(facts).scan_bytes_per_second
    seconds = None if size is None else round(2 * size / rate, 1)
    yield runbook(
        Phase.REARCHITECT,
        "Enable data checksums on the replica, then switch over and do the other server",
        notes=(
            '$ pg_ctl stop -D "$PGDATA" -m fast && pg_checksums --enable -D "$PGDATA" --progress && pg_ctl start',
            (
                "On a stopped replica: it follows again afterwards. Then switch over to it and do the former primary. "
                "Without a replica this is an outage of the time given."
            ),
            "It writes every page once. A major upgrade into a new cluster with checksums makes it unnecessary.",
        ),
        verify="SELECT current_setting('data_checksums') = 'on'",
        seconds=seconds,
        blocks=Blocks.NOTHING if replica else Blocks.EVERYTHING,
        blocking_seconds=0.0 if replica else seconds,
        basis="unknown size"
        if size is None
        else f"reads and writes {estimates.human_bytes(size)}, {estimates.rate(facts)}",
    )


# --- sessions ----------------------------------------------------------------------------------------------------


def introduce_pooler(operation: IntroducePooler, facts: Facts) -> Iterator[Draft]:
    """Put it beside the server, move the clients, then lower the limit."""
    size = operation.pool_size
    if size is None:
        size = max(2 * (facts.server.cpus or 4) + 1, 10)
    yield runbook(
        Phase.EXPAND,
        "Start a connection pooler beside the server",
        notes=(
            (
                f"PgBouncer: pool_mode = transaction, default_pool_size = {size}, max_client_conn = 5000, "
                "max_prepared_statements = 200 (from 1.21 on), server_reset_query empty."
            ),
            (
                "In transaction mode session state does not last: SET, advisory locks of a session, LISTEN, temporary "
                "tables, WITH HOLD cursors. Migrations and dumps go past it, directly to the server."
            ),
        ),
        verify="SELECT count(*) >= 0 FROM pg_stat_activity",
    )
    yield application(
        Phase.SWITCH,
        "Let the application connect through the pooler",
        "Change the port one service at a time, with the application's own pool kept small. Session settings move to "
        "ALTER ROLE … SET, or to SET LOCAL in a transaction.",
    )
    yield runbook(
        Phase.CONTRACT,
        "Let new direct connections be the exception",
        notes=(
            (
                "When pg_stat_activity shows only the pooler and the operators, lower max_connections at the next "
                "restart: each idle connection costs memory and time in every snapshot."
            ),
        ),
    )


def resolve_prepared_transaction(operation: ResolvePreparedTransaction, facts: Facts) -> Iterator[Draft]:
    """Finish it as its coordinator decided; it holds its locks and the horizon of all vacuums until then."""
    name = literal(operation.name)
    exists = f"(SELECT FROM pg_prepared_xacts WHERE gid = {name})"
    yield runbook(
        Phase.PREPARE,
        f"Resolve the prepared transaction {operation.name}",
        f"ROLLBACK PREPARED {name}",
        precondition=f"SELECT EXISTS {exists}",
        verify=f"SELECT NOT EXISTS {exists}",
        reversible=False,
        point_of_no_return=True,
        notes=(
            f"Ask its coordinator first. If it decided to commit: COMMIT PREPARED {name} instead.",
            "Run it in the transaction's own database, as its owner or a superuser.",
            "If nothing uses two-phase commit, set max_prepared_transactions = 0.",
        ),
        seconds=0.1,
        basis="ends one transaction",
    )


def end_session(operation: EndSession, facts: Facts) -> Iterator[Draft]:
    """Ask, then end it: first its statement, then the session."""
    found = f"(SELECT FROM pg_stat_activity WHERE pid = {operation.session} AND backend_type = 'client backend')"
    yield runbook(
        Phase.PREPARE,
        f"End the session {operation.session}",
        f"SELECT pg_terminate_backend({operation.session})",
        precondition=f"SELECT EXISTS {found}",
        verify=f"SELECT NOT EXISTS {found}",
        reversible=False,
        notes=(
            f"Why: {operation.reason}",
            (
                "The number may belong to another session by now: look at it in pg_stat_activity, and ask its owner. "
                "Its open transaction is rolled back."
            ),
            f"Gentler, if a statement runs: SELECT pg_cancel_backend({operation.session}).",
        ),
        seconds=0.1,
        basis="ends one session",
    )
